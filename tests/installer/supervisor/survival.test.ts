import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { stackPaths } from "../../../components/provider/paths.ts";
import { connect, createProcesses, ensureRunning } from "../../../installer/supervisor/client.ts";
import { identify } from "../../../installer/supervisor/process-table.ts";
import { readRecords } from "../../../installer/supervisor/records.ts";
import { freePort, ready, reporting, type TestStack, tcpProbe, testStack, until } from "./test-stack.ts";

let stack: TestStack;
beforeEach(async () => {
  stack = await testStack();
});
afterEach(() => stack.dispose());

const recordFile = (name: string): string => join(stack.paths.supervisor, "processes", `${name}.json`);

test("a killed supervisor is followed by one that adopts its processes", async () => {
  const first = await stack.client();
  await first.put(stack.spec("web", { sh: "while :; do echo tick; sleep 0.05; done" }));
  const { pid } = await ready(first, "web");
  await stack.killSupervisor();
  const log = (): string => readFileSync(stack.paths.log("web"), "utf8");
  const length = log().length;
  await until(() => log().length > length); // It went on without a supervisor.
  expect(await connect(stack.paths)).toBeUndefined();
  const second = await stack.client();
  const adopted = await ready(second, "web");
  expect(adopted).toMatchObject({ pid, restarts: 0 });
  expect((await second.put(stack.spec("web", { sh: "while :; do echo tick; sleep 0.05; done" }))).change).toBe("same");
  // Its exit is noticed although it is nobody's child.
  process.kill(pid ?? 0, "SIGKILL");
  await until(async () => (await second.get("web")).status.restarts === 1);
  expect((await ready(second, "web")).pid).not.toBe(pid);
  const { pid: last } = (await second.get("web")).status;
  await second.stop("web");
  expect(() => process.kill(last ?? 0, 0)).toThrow("ESRCH");
});

test("an adopted process is stopped like any other", async () => {
  const first = await stack.client();
  const port = await freePort();
  const server = `require("node:net").createServer().listen(${port}, "127.0.0.1"); process.on("SIGTERM", () => {})`;
  const spec = stack.spec("server", { command: [process.execPath, "-e", server], ready: tcpProbe(port) });
  await first.put({ ...spec, stop: { signal: "SIGTERM", deadline: 200 } });
  await ready(first, "server");
  await stack.killSupervisor();
  const second = await stack.client();
  await second.remove("server");
  expect(await stack.living()).toEqual([]);
  expect(readRecords(stack.paths)).toEqual([]);
});

test("after the supervisor and all processes were killed they start again in order", async () => {
  const first = await stack.client();
  const order = join(stack.folder, "order");
  await first.put(stack.spec("one", { sh: `echo one >> ${order}; exec sleep 1000` }));
  await first.put(stack.spec("two", { sh: `echo two >> ${order}; exec sleep 1000`, after: ["one"] }));
  await first.put(stack.spec("idle", {}));
  await ready(first, "two");
  await first.stop("idle");
  const before = (await first.list()).map(({ pid }) => pid);
  await stack.killSupervisor();
  for (const pid of before) if (pid) process.kill(pid, "SIGKILL");
  const second = await stack.client();
  const two = await ready(second, "two");
  expect(before).not.toContain(two.pid);
  expect(readFileSync(order, "utf8")).toBe("one\ntwo\none\ntwo\n");
  expect((await second.get("idle")).status.state).toBe("stopped");
});

test("a reboot gives numbers to strangers, which are left alone", async () => {
  const first = await stack.client();
  await first.put(stack.spec("web", {}));
  const { pid } = await ready(first, "web");
  await stack.killSupervisor();
  process.kill(pid ?? 0, "SIGKILL");
  const { spawn } = await import("node:child_process");
  const stranger = spawn("sleep", ["1000"], { detached: true });
  const record = JSON.parse(readFileSync(recordFile("web"), "utf8"));
  writeFileSync(recordFile("web"), JSON.stringify({ ...record, main: { pid: stranger.pid, start: "1@former boot" } }));
  const second = await stack.client();
  expect((await ready(second, "web")).pid).not.toBe(stranger.pid);
  await second.remove("web");
  expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
  expect(stranger.kill("SIGKILL")).toBe(true);
});

test("a process that was started and not yet written down is adopted by its marker", async () => {
  const first = await stack.client();
  await first.put(stack.spec("web", { sh: "sleep 999 & exec sleep 1000" }));
  const { pid } = await ready(first, "web");
  await stack.killSupervisor();
  const { main: _main, ...unwritten } = JSON.parse(readFileSync(recordFile("web"), "utf8"));
  writeFileSync(recordFile("web"), JSON.stringify(unwritten));
  const second = await stack.client();
  expect((await ready(second, "web")).pid).toBe(pid);
  expect(await stack.living("web")).toHaveLength(2);
});

test("processes without a record and damaged records leave nothing running and stop nobody", async () => {
  const first = await stack.client();
  await first.put(stack.spec("lost", {}));
  await first.put(stack.spec("damaged", {}));
  await first.put(stack.spec("whole", {}));
  for (const name of ["lost", "damaged", "whole"]) await ready(first, name);
  await stack.killSupervisor();
  await rm(recordFile("lost"));
  writeFileSync(recordFile("damaged"), '{"spec": {"name": "dam');
  const second = await stack.client();
  expect((await second.list()).map(({ name }) => name)).toEqual(["whole"]);
  expect((await stack.living()).map(({ label }) => label)).toEqual(["whole"]);
  expect(readFileSync(stack.paths.log("supervisor"), "utf8")).toContain("damaged.json is damaged and was set aside");
});

test("killing the supervisor at any moment of a start never doubles or loses a process", async () => {
  const spec = stack.spec("web", { sh: "sleep 999 & exec sleep 1000" });
  for (const delay of [0, 3, 7, 12, 30]) {
    const client = await stack.client();
    const putting = client.put({ ...spec, configHash: String(delay) }).catch((error: unknown) => error);
    await sleep(delay);
    await stack.killSupervisor();
    await putting;
    const processes = createProcesses(stack.paths);
    const status = await processes.ensure({ ...spec, configHash: String(delay) }, reporting());
    expect(status.state).toBe("ready");
    await until(async () => (await stack.living("web")).length === 2);
    expect((await processes.get("web"))?.spec.configHash).toBe(String(delay));
  }
});

test("a stop that was cut off is finished by the next supervisor", async () => {
  const first = await stack.client();
  await first.put({
    ...stack.spec("web", { sh: "trap '' TERM; while :; do sleep 0.05; done" }),
    stop: { signal: "SIGTERM", deadline: 2000 },
  });
  await first.put(stack.spec("other", {}));
  await ready(first, "other");
  await ready(first, "web");
  const stopping = [first.remove("web"), first.stop("other")].map((one) => one.catch(() => undefined));
  await until(async () => (await first.get("web")).status.state === "stopping");
  await stack.killSupervisor();
  await Promise.all(stopping);
  const second = await stack.client();
  expect((await second.list()).map(({ name, state }) => `${name} ${state}`)).toEqual(["other stopped"]);
  expect(await stack.living()).toEqual([]);
});

test("several callers at once get one supervisor", async () => {
  const clients = await Promise.all([1, 2, 3, 4].map(() => ensureRunning(stack.paths)));
  const pids = await Promise.all(clients.map(async (client) => (await client.version()).pid));
  expect(new Set(pids).size).toBe(1);
  // None of the others is still waiting to take over.
  await clients[0]?.stopAll();
  const { execFileSync } = await import("node:child_process");
  await until(() => !execFileSync("ps", ["-A", "-ww", "-o", "args="], { encoding: "utf8" }).includes(stack.paths.root));
});

test("a stopped supervisor adopts without starting when it is only to bring everything down", async () => {
  const first = await stack.client();
  await first.put(stack.spec("alive", {}));
  await first.put(stack.spec("dead", {}));
  const dead = await ready(first, "dead");
  await ready(first, "alive");
  await stack.killSupervisor();
  process.kill(dead.pid ?? 0, "SIGKILL");
  const second = await stack.client({ hold: true });
  const held = (await second.get("dead")).status;
  expect(held.state).toBe("stopped");
  expect(held.pid).toBeUndefined();
  expect((await second.stopAll()).stopped.sort()).toEqual(["alive", "dead"]);
  expect(await stack.living()).toEqual([]);
});

test("stopping everything goes against the dependencies, ends the supervisor and is remembered", async () => {
  const order = join(stack.folder, "order");
  const saying = (name: string): string =>
    `trap 'sleep 0.1; echo ${name} >> ${order}; exit' TERM; while :; do sleep 0.02; done`;
  const first = await stack.client();
  const { pid } = await first.version();
  await first.put(stack.spec("database", { sh: saying("database") }));
  await first.put(stack.spec("code", { sh: saying("code"), after: ["database"] }));
  await first.put(stack.spec("proxy", { sh: saying("proxy"), after: ["code", "database"] }));
  await ready(first, "proxy");
  await sleep(200);
  await first.stopAll();
  expect(readFileSync(order, "utf8")).toBe("proxy\ncode\ndatabase\n");
  expect(await identify(pid)).toBeUndefined();
  expect(await stack.living()).toEqual([]);
  const second = await stack.client();
  expect((await second.list()).map(({ state }) => state)).toEqual(["stopped", "stopped", "stopped"]);
  expect((await second.put(stack.spec("database", { sh: saying("database") }))).change).toBe("restarted");
  await ready(second, "database");
});

test("a supervisor that is shut down stops its processes and the next one starts them", async () => {
  const first = await stack.client();
  await first.put(stack.spec("web", {}));
  const { pid } = await ready(first, "web");
  process.kill((await first.version()).pid, "SIGTERM");
  await until(async () => (await stack.living()).length === 0 && !(await connect(stack.paths)));
  const second = await stack.client();
  expect((await ready(second, "web")).pid).not.toBe(pid);
});

test("a detached supervisor leaves its processes running", async () => {
  const first = await stack.client();
  await first.put(stack.spec("web", {}));
  const { pid } = await ready(first, "web");
  expect(await first.detach()).toEqual({ detached: ["web"] });
  expect(await connect(stack.paths)).toBeUndefined();
  expect((await stack.living()).map((one) => one.pid)).toEqual([pid]);
  expect((await ready(await stack.client(), "web")).pid).toBe(pid);
});

test("a supervisor whose folder is removed stops its processes and ends", async () => {
  const first = await stack.client();
  await first.put(stack.spec("web", {}));
  await ready(first, "web");
  const { pid } = await first.version();
  await rename(stack.paths.root, `${stack.paths.root}-gone`);
  await until(async () => (await stack.living()).length === 0 && !(await identify(pid)));
  expect(existsSync(stack.paths.root)).toBe(false);
});

test("a supervisor that cannot start is reported with its last words", async () => {
  await rm(stack.paths.root, { recursive: true, force: true });
  const { mkdir } = await import("node:fs/promises");
  await mkdir(stack.paths.supervisor, { recursive: true });
  await mkdir(join(stack.paths.supervisor, "lock"));
  await expect(ensureRunning(stack.paths)).rejects.toMatchObject({
    code: "SUPERVISOR_UNREACHABLE",
    message: expect.stringContaining("unable to open database file"),
    hint: expect.stringContaining("supervisor.log"),
  });
  await rm(join(stack.paths.supervisor, "lock"), { recursive: true });
});

test("a stack whose folder of sockets was removed is found again, and can be ended", async () => {
  const client = await stack.client();
  await client.put(stack.spec("worker", {}));
  const before = await ready(client, "worker");
  await rm(stack.paths.sockets, { recursive: true });
  const again = await connect(stack.paths);
  expect(await again?.get("worker")).toMatchObject({ status: { state: "ready", pid: before.pid } });
  await again?.stopAll();
  expect(await stack.living()).toEqual([]);
});

test("sockets of a stack are in one place, whatever TMPDIR says", () => {
  const home = `/srv/${"long-folder/".repeat(12)}`;
  const before = process.env.TMPDIR;
  process.env.TMPDIR = "/var/tmp/elsewhere";
  const elsewhere = stackPaths(home, "local").sockets;
  if (before === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = before;
  expect(elsewhere).toBe(stackPaths(home, "local").sockets);
});
