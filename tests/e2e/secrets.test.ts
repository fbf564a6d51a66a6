import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { homePaths } from "../../components/provider/paths.ts";
import { envFileStore } from "../../installer/secrets/env-file.ts";
import { recipeOf } from "../../installer/secrets/rotation/recipe.ts";
import { found, scanFiles } from "../../installer/secrets/scan.ts";
import { makeKey } from "./key.ts";
import { type TestStack, testStack } from "./stack.ts";

/** Secrets of every tier on a real stack: rotated under load, and then looked for everywhere. */
describe("secrets of a running stack", () => {
  let stack: TestStack;
  /** Every value there ever was, by a name that says whose it is. */
  const planted = new Map<string, string>();
  /** Everything that commands and answers said. */
  const said: string[] = [];
  let project: string;
  let keyFile: string;

  beforeAll(async () => {
    stack = await testStack();
    expect((await run("up", "--yes")).code).toBe(0);
    ({ file: keyFile } = await makeKey(stack, [
      ...["secrets:read", "secrets:manage", "secrets:resolve"],
      ...["projects:read", "projects:write", "projects:manage"],
    ]));
    const made = await run("projects", "create", "Planted", "--json", "--key-file", keyFile);
    project = JSON.parse(made.stdout).id;
    await remember();
  });
  afterAll(() => stack.remove());

  test("every generated secret has a recipe or a reason", async () => {
    for (const name of await envFileStore(stack.paths.secrets).list()) expect(recipeOf(name), name).toBeDefined();
  });

  test("values are set in every tier and read by a service's key", async () => {
    await plant("PLATFORM_TOKEN", []);
    await plant("ORGANISATION_TOKEN", ["--tier", "organisation", "--key-file", keyFile]);
    await plant("PROJECT_TOKEN", ["--project", project, "--key-file", keyFile]);
    const listed = await run("secrets", "list", "--json", "--project", project, "--key-file", keyFile);
    const names = JSON.parse(listed.stdout).map(({ name }: { name: string }) => name);
    for (const name of ["ORGANISATION_TOKEN", "PROJECT_TOKEN"]) expect(names).toContain(name);
    for (const name of ["ORGANISATION_TOKEN", "PROJECT_TOKEN"]) {
      const answer = await resolve(name);
      expect(answer, name).toMatchObject({ name, value: planted.get(name) });
    }
    // The platform's own are for whoever operates it, and no key of an organisation is told one.
    expect(await resolve("PLATFORM_TOKEN")).toMatchObject({ error: { code: "NOT_FOUND" } });
  });

  test("a database password is rotated without one refused query, and the former one ends", async () => {
    const before = await pgpass();
    const load = queries();
    const { code, stderr } = await run("secrets", "rotate", "postgres/platform", "--yes");
    const { done, failed, users } = await load.stop();
    expect([code, failed], stderr).toEqual([0, []]);
    expect(done).toBeGreaterThan(50);
    expect(users.size).toBe(2);
    await expect(query(before)).rejects.toMatchObject({ code: "28P01" });
    await remember();
  });

  test("the superuser's password, the master key and sign-on's secret are rotated, and values stay readable", async () => {
    const former = planted.get("platform/master-key");
    const names = ["postgres/superuser", "platform/master-key", "identity/signing"];
    const { code, stderr } = await run("secrets", "rotate", ...names, "--yes");
    expect(code, stderr).toBe(0);
    await remember();
    expect(planted.get("platform/master-key")).not.toBe(former);
    expect(await resolve("PROJECT_TOKEN")).toMatchObject({ value: planted.get("PROJECT_TOKEN") });
  });

  test("after rotations up has nothing to do", async () => {
    expect((await run("up", "--yes")).stderr).toContain("Nothing to do");
  });

  test("a rotation of what this stack does not have says so and changes nothing", async () => {
    const before = await readFile(stack.paths.secrets, "utf8");
    const { code, stderr } = await run("secrets", "rotate", "code/secret-key", "--yes");
    expect([code, stderr]).toEqual([11, expect.stringContaining("There is no generated secret")]);
    expect(await readFile(stack.paths.secrets, "utf8")).toBe(before);
  });

  test("no planted secret is anywhere but in the files that are made for them", async () => {
    for (const args of [
      ["status", "--json"],
      ["config", "show", "--json"],
      ["secrets", "list", "--json"],
      ["preview", "--json"],
      ["doctor", "--json"],
    ]) {
      await run(...args);
    }
    await run("secrets", "get", "NOWHERE");
    await run("logs", "--json", "-n", "500");
    const { paths } = stack;
    // The values themselves, and configuration that programs read: every file of it is for its owner only.
    const allowed = [paths.secrets, paths.platformSecrets, join(paths.root, "config")];
    for (const file of [...allowed.slice(0, 2), ...(await filesBelow(join(paths.root, "config")))]) {
      expect((await stat(file)).mode & 0o077, file).toBe(0);
    }
    expect(await scanFiles([paths.root, stack.answers], planted, allowed)).toEqual([]);
    expect(said.flatMap((text) => found(text, planted))).toEqual([]);
    expect(await inProcesses()).toEqual([]);
    for (const database of ["platform", "postgres"]) expect(found(await dump(database), planted), database).toEqual([]);
    // A scanner that finds nothing anywhere would be of no use.
    const everywhere = (await scanFiles(allowed, planted)).map(({ secret }) => secret);
    expect(everywhere).toEqual(expect.arrayContaining(["platform/master-key", "postgres/superuser", "PLATFORM_TOKEN"]));
    expect((await run("secrets", "doctor")).stdout).toContain("Nothing is wrong");
  });

  async function run(...args: string[]) {
    const ended = await stack.devflow(...args);
    said.push(ended.stdout, ended.stderr);
    return ended;
  }

  async function plant(name: string, where: string[]): Promise<void> {
    const value = `planted-${randomBytes(18).toString("base64url")}`;
    planted.set(name, value);
    const file = join(stack.answers, "..", "value");
    await writeFile(file, value, { mode: 0o600 });
    const { code, stderr } = await run("secrets", "set", name, "--file", file, ...where);
    expect(code, stderr).toBe(0);
    await writeFile(file, "");
  }

  async function remember(): Promise<void> {
    const store = envFileStore(stack.paths.secrets);
    for (const name of await store.list()) {
      const value = (await store.get(name)) ?? "";
      const known = planted.get(name);
      if (known !== undefined && known !== value) planted.set(`${name} before`, known);
      planted.set(name, value);
    }
  }

  async function resolve(name: string): Promise<unknown> {
    const answer = await fetch(`http://127.0.0.1:${stack.port + 1}/api/secrets/resolve`, {
      method: "POST",
      headers: { authorization: `Bearer ${await readFile(keyFile, "utf8")}`, "content-type": "application/json" },
      body: JSON.stringify({ name, project, purpose: "a test" }),
    });
    return answer.json();
  }

  /** What a process of the platform logs in with now. */
  async function pgpass(): Promise<pg.ClientConfig & { user: string }> {
    const [host = "", port, , user = "", ...password] = (
      await readFile(join(stack.paths.config("platform"), "pgpass"), "utf8")
    )
      .trim()
      .split(":");
    return { host, port: Number(port), user, password: password.join(":"), database: "platform" };
  }

  async function query(config: pg.ClientConfig): Promise<void> {
    const client = new pg.Client(config);
    try {
      await client.connect();
      await client.query("select count(*) from devflow.migration");
    } finally {
      await client.end().catch(() => {});
    }
  }

  /** Opens connections and asks, all the time, and on one connection that stays open. */
  function queries() {
    const [failed, users] = [[] as string[], new Set<string>()];
    let [done, stopped] = [0, false];
    const asking = (async () => {
      const staying = new pg.Client(await pgpass());
      await staying.connect();
      while (!stopped) {
        const config = await pgpass();
        users.add(config.user);
        await Promise.all([query(config), staying.query("select current_user")]).then(
          () => (done += 1),
          (error: Error) => failed.push(error.message),
        );
      }
      await staying.end();
    })();
    return {
      async stop() {
        stopped = true;
        await asking;
        return { done, failed, users };
      },
    };
  }

  /** Arguments and environments of every process that can be read. */
  async function inProcesses(): Promise<string[]> {
    const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
    const hits: string[] = [];
    for (const pid of pids) {
      for (const part of ["cmdline", "environ"]) {
        const text = await readFile(`/proc/${pid}/${part}`).catch(() => Buffer.alloc(0));
        hits.push(...found(text, planted).map((name) => `${name} in ${part} of ${pid}`));
      }
    }
    return hits;
  }

  async function dump(database: string): Promise<string> {
    const artifacts = join(homePaths().cache, "artifacts");
    const postgres =
      (await readdir(artifacts))
        .filter((name) => name.startsWith("postgres-18"))
        .sort()
        .at(-1) ?? "";
    const password = await envFileStore(stack.paths.secrets).get("postgres/superuser");
    const { stdout } = await promisify(execFile)(
      join(artifacts, postgres, "bin", "pg_dump"),
      ["-h", "127.0.0.1", "-p", String(stack.port + 2), "-U", "postgres", database],
      { env: { ...process.env, PGPASSWORD: password }, maxBuffer: 256 * 1024 * 1024 },
    );
    if (database === "platform") expect(stdout).toContain("COPY secrets.secret_value");
    return stdout;
  }

  async function filesBelow(folder: string): Promise<string[]> {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  }
});
