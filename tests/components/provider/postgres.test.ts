import { type ChildProcess, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { upstream } from "../../../components/catalogue/index.ts";
import { postgresCluster } from "../../../components/provider/postgres-cluster.ts";
import { postgresDatabase } from "../../../components/provider/postgres-database.ts";
import { unprivileged } from "../../../components/provider/unprivileged.ts";
import { volume } from "../../../components/provider/volume.ts";
import { type TestHost, testHost } from "../host.ts";
import { testProvider } from "./contract.ts";

const password = "a superuser's password of the test";
let host: TestHost;
let server: ChildProcess;
let log = "";
let admin: pg.ClientConfig & { host: string; port: number; user: string; password: string };
let cluster: { program: string; folder: string; superuser: string; password: string };

beforeAll(async () => {
  host = await testHost();
  const { path: program } = await host.artifacts.obtain(
    { name: "postgres", version: upstream("postgres").version },
    host.context("postgres"),
  );
  const { outputs } = await volume.create({ folder: "postgres", unprivileged: true }, host.context("postgres"));
  cluster = { program, folder: outputs.path, superuser: "postgres", password };
  const { outputs: made } = await postgresCluster.create(cluster, host.context("postgres"));
  const port = await freePort();
  admin = { host: "127.0.0.1", port, user: "postgres", password };
  const settings = ["-p", String(port), "-c", "unix_socket_directories=", "-c", "fsync=off", "-c", "log_statement=all"];
  const {
    command: [file = "", ...args],
    ...user
  } = unprivileged([join(program, "bin", "postgres"), "-D", made.dataDirectory, ...settings]);
  server = spawn(file, args, { ...user, stdio: ["ignore", "ignore", "pipe"], env: { TZ: "UTC" } });
  server.stderr?.on("data", (chunk) => {
    log += chunk;
  });
  while (!log.includes("ready to accept connections")) {
    expect(server.exitCode, log).toBeNull();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
});

afterAll(async () => {
  const gone = new Promise((resolve) => server.on("exit", resolve));
  server.kill("SIGINT");
  await gone;
  await host.dispose();
});

describe("PostgreSQL cluster", () => {
  it("is made once and kept by a second run", async () => {
    const before = await readFile(join(cluster.folder, "cluster", "postmaster.pid"), "utf8");
    await postgresCluster.create(cluster, host.context("postgres"));
    expect(await readFile(join(cluster.folder, "cluster", "postmaster.pid"), "utf8")).toBe(before);
  });

  it("of another major version is refused and left alone", async () => {
    const folder = join(host.home.home, "old");
    const { mkdir, writeFile } = await import("node:fs/promises");
    await mkdir(join(folder, "cluster"), { recursive: true });
    await writeFile(join(folder, "cluster", "PG_VERSION"), "15\n");
    await expect(postgresCluster.create({ ...cluster, folder }, host.context("old"))).rejects.toThrow(
      /PostgreSQL 15, this one is 18/,
    );
  });

  it("does not let anybody in without a password", async () => {
    const client = new pg.Client({ ...admin, password: "wrong" });
    await expect(client.connect()).rejects.toThrow(/password authentication failed/);
  });
});

describe("PostgreSQL database", () => {
  const inputs = (name: string) => ({
    server: admin,
    name,
    password: "a password of the database",
    extensions: ["vector"],
  });
  testProvider(postgresDatabase, { resource: "PostgresDatabase", host: () => host, inputs: () => inputs("contract") });

  it("belongs to a role that may enter no other database", async () => {
    await postgresDatabase.create(inputs("mine"), host.context("mine"));
    await postgresDatabase.create(inputs("theirs"), host.context("theirs"));
    const role = { ...admin, user: "mine", password: "a password of the database" };
    const client = new pg.Client({ ...role, database: "mine" });
    await client.connect();
    const { rows } = await client.query("SELECT '[1,2]'::vector <-> '[1,4]'::vector AS distance");
    await client.end();
    expect(rows).toEqual([{ distance: 2 }]);
    await expect(new pg.Client({ ...role, database: "theirs" }).connect()).rejects.toThrow(
      /permission denied for database/,
    );
  });

  it("lets no more connections in than its program is to have, and as many as there are without a limit", async () => {
    const password = "a password of the database";
    const open = async (client: pg.Client) =>
      client.connect().then(
        () => "in",
        (error: Error) => error.message,
      );
    const three = async () => {
      const clients = Array.from(
        { length: 3 },
        () => new pg.Client({ ...admin, user: "few", password, database: "few" }),
      );
      const answers: string[] = [];
      for (const client of clients) answers.push(await open(client));
      for (const [at, client] of clients.entries()) if (answers[at] === "in") await client.end();
      return answers;
    };
    await postgresDatabase.create({ ...inputs("few"), connections: 2 }, host.context("few"));
    expect(await three()).toEqual(["in", "in", expect.stringContaining("too many connections for database")]);
    await postgresDatabase.create(inputs("few"), host.context("few"));
    await expect.poll(three).toEqual(["in", "in", "in"]);
  });

  it("takes a new password in place and never shows one in the server's log", async () => {
    await postgresDatabase.create(inputs("rotating"), host.context("rotating"));
    const password = "a second password of the database";
    await postgresDatabase.create({ ...inputs("rotating"), password }, host.context("rotating"));
    const client = new pg.Client({ ...admin, user: "rotating", password, database: "rotating" });
    await client.connect();
    await client.end();
    expect(log).toContain("CREATE DATABASE");
    expect(log).not.toContain(password);
  });
});

/**
 * As RDS has it: an administrator that may make roles and databases, and nothing else. (RDS lets it
 * make extensions of a list besides; there is none here that anybody may make.)
 */
describe("PostgreSQL database by an administrator who is no superuser", () => {
  const cloud = { user: "cloud", password: "an administrator of the cloud" };
  const inputs = () => ({
    ...{ server: { ...admin, ...cloud }, name: "rented", extensions: [], makesRoles: true },
    password: "a password of the database",
  });
  beforeAll(async () => {
    const client = new pg.Client({ ...admin, database: "postgres" });
    await client.connect();
    await client.query(`CREATE ROLE cloud LOGIN CREATEDB CREATEROLE PASSWORD '${cloud.password}'`);
    await client.end();
  });

  testProvider(postgresDatabase, { resource: "PostgresDatabase", host: () => host, inputs });

  it("goes through a whole rotation of its password", async () => {
    const at = host.context("rented");
    const first = inputs();
    const made = await postgresDatabase.create(first, at);
    const second = { ...first, password: "the second password", previous: first.password };
    const turning = await postgresDatabase.update?.(made.id, second, { inputs: first, outputs: made.outputs }, at);
    const enters = async (user: string, own: string) => {
      const client = new pg.Client({ ...admin, user, password: own, database: "rented" });
      await client.connect();
      await client.query("CREATE TABLE IF NOT EXISTS thing (id int)");
      const { rows } = await client.query("SELECT tableowner FROM pg_tables WHERE tablename = 'thing'");
      await client.end();
      return rows[0]?.tableowner;
    };
    expect(turning?.user).toBe("rented__2");
    expect(await enters("rented", first.password)).toBe("rented");
    expect(await enters("rented__2", second.password)).toBe("rented");
    const settled = { ...second, previous: "" };
    await postgresDatabase.update?.(made.id, settled, { inputs: second, outputs: { ...made.outputs, ...turning } }, at);
    await expect(enters("rented", first.password)).rejects.toThrow(/password authentication failed/);
    expect(await enters("rented__2", second.password)).toBe("rented");
  });
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
