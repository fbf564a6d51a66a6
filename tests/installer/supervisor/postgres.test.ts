import { rm } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { upstream } from "../../../components/catalogue/index.ts";
import { homePaths } from "../../../components/provider/paths.ts";
import { currentPlatform } from "../../../components/provider/platform.ts";
import type { ProcessSpec } from "../../../components/provider/process.ts";
import { run } from "../../../components/provider/run.ts";
import { unprivileged } from "../../../components/provider/unprivileged.ts";
import { createArtifacts } from "../../../installer/artifacts/index.ts";
import type { SupervisorClient } from "../../../installer/supervisor/client.ts";
import { processTable } from "../../../installer/supervisor/process-table.ts";
import { commandProbe, freePort, ready, reporting, type TestStack, testStack, until } from "./test-stack.ts";

let stack: TestStack;
let client: SupervisorClient;
let spec: ProcessSpec;
let port: number;

beforeAll(async () => {
  stack = await testStack();
  client = await stack.client();
  const artifacts = createArtifacts({ cache: homePaths().cache, platform: currentPlatform() });
  const { path } = await artifacts.obtain({ name: "postgres", version: upstream("postgres").version }, reporting());
  await artifacts.close();
  const bin = (program: string): string => join(path, "bin", program);
  const data = join(stack.folder, "cluster");
  const { command, ...user } = unprivileged([bin("initdb"), "-D", data, "-U", "postgres", "-A", "trust", "--no-sync"]);
  const { signal } = reporting();
  await run(command, { ...user, env: { PATH: process.env.PATH }, cwd: stack.folder, timeout: 60_000, signal });
  port = await freePort();
  spec = stack.spec("postgres", {
    command: [bin("postgres"), "-D", data, "-p", String(port), "-c", "unix_socket_directories="],
    cwd: data,
    refusesRoot: true,
    ready: { ...commandProbe(bin("pg_isready"), "-h", "127.0.0.1", "-p", String(port)), startTimeout: 30_000 },
    stop: { signal: "SIGINT", deadline: 20_000 },
  });
  await client.put(spec);
  await ready(client, "postgres");
});
afterAll(() => stack.dispose());

async function connected(): Promise<pg.Client> {
  const connection = new pg.Client({ host: "127.0.0.1", port, user: "postgres", database: "postgres" });
  // The server is about to be killed under it.
  connection.on("error", () => {});
  await connection.connect();
  return connection;
}

const serverProcesses = async (): Promise<number[]> => {
  const { readFileSync } = await import("node:fs");
  return (await processTable()).flatMap(({ pid, zombie }) => {
    try {
      return !zombie && readFileSync(`/proc/${pid}/cmdline`, "latin1").includes(`${port}`) ? pid : [];
    } catch {
      return [];
    }
  });
};

test("PostgreSQL runs for root and for others, measured with all its processes", async () => {
  const connection = await connected();
  // Its children lead sessions of their own and show no environment; they are counted all the same.
  await until(async () => ((await client.get("postgres")).status.processes ?? 0) > 4);
  const { status } = await client.get("postgres");
  expect(status.rss).toBeGreaterThan(10 << 20);
  expect(status.rss).toBeLessThan(150 << 20);
  await connection.end();
});

test("PostgreSQL killed while in use comes back with its data and without leftovers", async () => {
  const connection = await connected();
  await connection.query("create table kept (n int); insert into kept values (42)");
  await until(async () => ((await client.get("postgres")).status.processes ?? 0) > 3);
  const { pid } = (await client.get("postgres")).status;
  const before = (await client.get("postgres")).status.processes;
  const sleeping = connection.query("select pg_sleep(100)").catch((error: Error) => error);
  process.kill(pid ?? 0, "SIGKILL");
  expect(await sleeping).toBeInstanceOf(Error);
  await until(async () => (await client.get("postgres")).status.restarts === 1);
  const status = await ready(client, "postgres");
  expect(status.pid).not.toBe(pid);
  expect(status.lastExit?.signal).toBe("SIGKILL");
  const again = await connected();
  expect((await again.query("select n from kept")).rows).toEqual([{ n: 42 }]);
  expect(before).toBeGreaterThan(3);
  await again.end();
});

test("PostgreSQL is adopted from a killed supervisor and stopped in order", async () => {
  const { pid } = (await client.get("postgres")).status;
  await stack.killSupervisor();
  client = await stack.client();
  expect((await ready(client, "postgres")).pid).toBe(pid);
  expect((await client.put(spec)).change).toBe("same");
  const connection = await connected();
  await client.stop("postgres");
  await connection.end().catch(() => {});
  await until(async () => (await serverProcesses()).length === 0);
  let log = "";
  for await (const chunk of client.logs("postgres", { lines: 20 })) log += chunk;
  expect(log).toContain("received fast shutdown request");
  expect(log).toContain("database system is shut down");
  await rm(join(stack.folder, "cluster"), { recursive: true });
});
