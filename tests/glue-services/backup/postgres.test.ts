import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import pg from "pg";
import { x } from "tar";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { collected } from "../../../glue-services/backup/bytes.ts";
import { baseBackup } from "../../../glue-services/backup/copies/postgres.ts";
import { program } from "../../program.ts";
import { freePort, type PostgresServer, startPostgres } from "../postgres-server.ts";

describe("a base backup", () => {
  let server: PostgresServer;
  let folder: string;
  const access = () => ({
    kind: "postgres" as const,
    ...{ host: "127.0.0.1", port: server.port, user: server.superuser, password: server.password },
  });

  beforeAll(async () => {
    server = await startPostgres();
    folder = await mkdtemp(join(tmpdir(), "devflow-base-"));
  });
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function query(port: number, text: string): Promise<unknown[]> {
    const { user, password } = access();
    const client = new pg.Client({ host: "127.0.0.1", port, user, password, database: "postgres" });
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  }

  it("has every file of the server's own list as it is written there, and a server starts from it with what was written before it began", async () => {
    await query(
      server.port,
      "CREATE TABLE kept AS SELECT n, repeat('x', 500) AS filling FROM generate_series(1, 40000) n",
    );
    const data = join(folder, "data");
    await mkdir(data, { mode: 0o700 });
    const names: string[] = [];
    const writing = query(server.port, "CREATE TABLE later AS SELECT n FROM generate_series(1, 100000) n");
    for await (const { name, bytes } of baseBackup(access(), "a stack's copy")) {
      names.push(name);
      if (name === "base.tar") await pipeline(Readable.from(bytes), x({ cwd: data, preserveOwner: false }));
      else await writeFile(join(data, name), await collected(bytes));
    }
    await writing;
    expect(names).toEqual(["base.tar", "backup_manifest"]);
    const bin = join(await program("postgres"), "bin");
    const { Files: files } = JSON.parse(await readFile(join(data, "backup_manifest"), "utf8"));
    expect(files.length).toBeGreaterThan(500);
    for (const { Path: path, Size: size, Checksum: checksum } of files) {
      const bytes = await readFile(join(data, path));
      expect([path, bytes.length, createHash("sha256").update(bytes).digest("hex")]).toEqual([path, size, checksum]);
    }

    const port = await freePort();
    const asUser = process.getuid?.() === 0 ? ["unshare", "--user", "--map-user=1000", "--map-group=1000"] : [];
    const flags = [`port=${port}`, `unix_socket_directories=${folder}`, "listen_addresses=127.0.0.1", "fsync=off"];
    const [file = "", ...args] = [...asUser, join(bin, "postgres"), "-D", data, ...flags.flatMap((one) => ["-c", one])];
    const restored = spawn(file, args, { stdio: "ignore" });
    try {
      const rows = await answered(() => query(port, "SELECT count(*)::int, max(length(filling)) FROM kept"));
      expect(rows).toEqual([{ count: 40000, max: 500 }]);
    } finally {
      restored.kill("SIGINT");
      await new Promise((resolve) => restored.once("exit", resolve));
    }
  });

  it("fails by the server's own words when it refuses, and when it goes in the middle", async () => {
    await query(server.port, "CREATE ROLE nobody LOGIN PASSWORD 'tests-only'");
    const refused = async () => {
      for await (const _ of baseBackup({ ...access(), user: "nobody", password: "tests-only" }, "x"));
    };
    await expect(refused()).rejects.toThrow("permission denied");
    const cutOff = async () => {
      for await (const { bytes } of baseBackup(access(), "x")) {
        let told = false;
        for await (const _ of bytes) {
          if (!told) await query(server.port, ended);
          told = true;
        }
      }
    };
    const ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_replication";
    await expect(cutOff()).rejects.toThrow();
  });

  it("is read no faster than it is taken away: the server waits with what nobody has read yet", async () => {
    const streamed = async () => {
      const [row] = await query(server.port, "SELECT backup_streamed::int AS bytes FROM pg_stat_progress_basebackup");
      return (row as { bytes: number } | undefined)?.bytes ?? 0;
    };
    let total = 0;
    for await (const { name, bytes } of baseBackup(access(), "x")) {
      for await (const piece of bytes) {
        if (name === "base.tar" && total === 0) {
          let before = -1;
          for (let now = await streamed(); now !== before; now = await streamed()) {
            before = now;
            await new Promise((resolve) => setTimeout(resolve, 300));
          }
          expect(before).toBeLessThan(20 * 2 ** 20);
        }
        total += piece.length;
      }
    }
    expect(total).toBeGreaterThan(40 * 2 ** 20);
  });
});

async function answered(ask: () => Promise<unknown[]>): Promise<unknown[]> {
  for (let tries = 0; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (tries > 200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
