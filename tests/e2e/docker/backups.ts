import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { upstream } from "../../../components/catalogue/index.ts";
import { executeIn } from "../../../components/provider/docker/exec.ts";
import { query, runAt, type Standing } from "./inside.ts";

const program = ["/usr/local/bin/node", "/app/glue-services/backup/main.ts", "/etc/devflow/backups.json"];
const restored = "devflow-test-restored";

/** The container that makes the night's copies, asked for them now, and what comes back from one. */
export function testBackups(given: () => Standing): void {
  const backup = (...words: string[]) =>
    executeIn(given().engine, `${given().prefix}-backups`, {
      command: [...program, ...words],
      timeout: 240_000,
      signal: new AbortController().signal,
    });

  test("everything that the appliance keeps is copied, by the container that does it every night", async () => {
    const { engine, prefix } = given();
    const { Config: config } = await engine.call<{ Config: { Labels: Record<string, string> } }>(
      "GET",
      `/containers/${prefix}-backups/json`,
    );
    const copies = (config.Labels["dev.devflow.copies"] ?? "").split(",");
    expect(copies).toEqual(expect.arrayContaining(["postgres", "code", "storage", "proxy"]));
    // Never in the clear, and this stack has no key for copies.
    expect(copies).not.toContain("secrets");
    for (const copy of copies) await backup("once", copy);
    const listed = (await backup("list")).trim().split("\n");
    const records = listed.map((line) => JSON.parse(line) as { copy?: string; name?: string });
    expect(new Set(records.map(({ copy, name }) => copy ?? name))).toEqual(new Set(copies));
  });

  test("a server that is unpacked from a copy has what was written before it", async () => {
    const { engine, prefix } = given();
    const word = randomUUID();
    await query(given(), `create table public.mark (word text); insert into public.mark values ('${word}')`);
    await backup("once", "postgres");
    await query(given(), "update public.mark set word = 'later'");
    await engine.call("POST", "/volumes/create", { Name: restored });
    try {
      // As root's number with the one right that the copying container has, which is whose the copies are.
      const get = `
        const { openSync } = require("node:fs");
        const { spawnSync } = require("node:child_process");
        const words = ${JSON.stringify([...program.slice(1), "get", "postgres", "latest", "base.tar"])};
        const { status } = spawnSync(process.execPath, words, { stdio: ["ignore", openSync("/restored/base.tar", "w"), "inherit"] });
        process.exit(status);`;
      await runAt(given(), "none", get, {
        user: "0:0",
        host: { VolumesFrom: [`${prefix}-backups`], Binds: [`${restored}:/restored`] },
      });
      await serveCopy();
      await expect.poll(() => ask().catch(String), { interval: 1000 }).toBe(word);
    } finally {
      await engine.call("DELETE", `/containers/${restored}?force=true`).catch(() => {});
      await engine.call("DELETE", `/volumes/${restored}`);
    }
  });

  /** A server of the same image on what was unpacked, as the documentation has it. */
  async function serveCopy(): Promise<void> {
    const { engine } = given();
    const { image } = upstream("postgres");
    if ("none" in image) throw new Error("PostgreSQL has no image");
    const folder = "/restored/data";
    const run = async (name: string, user: string, script: string) => {
      await engine.call("POST", `/containers/create?name=${name}`, {
        ...{ Image: `${image.registries[0]}:${image.tag}`, User: user, Entrypoint: ["/bin/sh", "-c", script] },
        HostConfig: { NetworkMode: "none", Binds: [`${restored}:/restored`] },
      });
      await engine.call("POST", `/containers/${name}/start`);
    };
    const unpack = `mkdir ${folder} && tar -C ${folder} -xf /restored/base.tar && chown -R 999:999 ${folder} && chmod 700 ${folder}`;
    await run(`${restored}-unpack`, "0:0", unpack);
    const { StatusCode: code } = await engine.call<{ StatusCode: number }>(
      "POST",
      `/containers/${restored}-unpack/wait`,
    );
    await engine.call("DELETE", `/containers/${restored}-unpack?force=true`);
    expect(code).toBe(0);
    const server = "/usr/lib/postgresql/18/bin/postgres";
    await run(restored, "999:999", `exec ${server} -D ${folder} -c listen_addresses= -c unix_socket_directories=/tmp`);
  }

  async function ask(): Promise<string> {
    const printed = await executeIn(given().engine, restored, {
      command: [
        ...["/usr/lib/postgresql/18/bin/psql", "-h", "/tmp", "-U", "postgres", "-d", "platform"],
        ...["-qAtc", "select word from public.mark"],
      ],
      env: { PGPASSWORD: await given().secret("postgres/superuser") },
      timeout: 20_000,
      signal: new AbortController().signal,
    });
    return printed.trim();
  }
}
