import { existsSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Progress } from "../../../components/provider/host.ts";
import {
  connect,
  createProcesses,
  type SupervisorClient,
  type SupervisorEvent,
} from "../../../installer/supervisor/client.ts";
import {
  commandProbe,
  freePort,
  httpProbe,
  ready,
  reporting,
  type TestStack,
  tcpProbe,
  testStack,
  until,
} from "./test-stack.ts";

let stack: TestStack;
let client: SupervisorClient;
beforeAll(async () => {
  stack = await testStack();
  client = await stack.client();
});
afterAll(() => stack.dispose());

test("processes start in the order of their dependencies, whatever order they come in", async () => {
  const port = await freePort();
  const server = `setTimeout(() => require("node:net").createServer().listen(${port}), 400)`;
  const changes: string[] = [];
  const over = new AbortController();
  const watching = (async () => {
    for await (const event of client.events(over.signal) as AsyncIterable<SupervisorEvent>) {
      if (event.type === "state") changes.push(`${event.status.name} ${event.status.state}`);
    }
  })();
  await client.put(stack.spec("order-c", { after: ["order-b"] }));
  await client.put(stack.spec("order-b", { after: ["order-a"] }));
  const blocked = await client.get("order-b");
  expect(blocked.status).toMatchObject({ state: "waiting", reason: "waits for order-a (not known)" });
  expect(blocked.status.pid).toBeUndefined();
  await client.put(stack.spec("order-a", { command: [process.execPath, "-e", server], ready: tcpProbe(port) }));
  await until(() => changes.includes("order-c ready"));
  over.abort();
  await watching;
  const starts = changes.filter((change) => / (ready|starting)$/.test(change));
  expect(starts).toEqual(["a", "b", "c"].flatMap((name) => [`order-${name} starting`, `order-${name} ready`]));
});

test("a process whose dependency went away runs on and says so", async () => {
  await client.put(stack.spec("base", {}));
  await client.put(stack.spec("above", { after: ["base"] }));
  const { pid } = await ready(client, "above");
  await client.stop("base");
  const { status } = await client.get("above");
  expect(status).toMatchObject({ pid, state: "ready", reason: "needs base: base is stopped" });
  await client.start("base");
  await ready(client, "base");
  const healed = (await client.get("above")).status;
  expect(healed.pid).toBe(pid);
  expect(healed.reason).toBeUndefined();
});

test("a process that would wait for itself is refused", async () => {
  await client.put(stack.spec("ring-a", { after: ["ring-b"] }));
  const ring = client.put(stack.spec("ring-b", { after: ["ring-a"] }));
  await expect(ring).rejects.toMatchObject({
    code: "USAGE",
    message: expect.stringContaining("ring-b waits for ring-a"),
  });
  await client.remove("ring-a");
});

test("an HTTP probe tells ready from unready while the process runs on", async () => {
  const port = await freePort();
  const command = await stack.program(
    "moody",
    `import { createServer } from "node:http";
     import { existsSync } from "node:fs";
     createServer((_, response) => response.writeHead(existsSync("moody.sick") ? 500 : 200).end()).listen(${port}, "127.0.0.1");`,
  );
  await client.put(stack.spec("moody", { command, ready: httpProbe(`http://127.0.0.1:${port}/`) }));
  const { pid } = await ready(client, "moody");
  const { writeFileSync, rmSync } = await import("node:fs");
  writeFileSync(`${stack.folder}/moody.sick`, "");
  await until(async () => (await client.get("moody")).status.state === "unready");
  const { status } = await client.get("moody");
  expect(status).toMatchObject({ pid, reason: `http://127.0.0.1:${port}/ answered 500` });
  rmSync(`${stack.folder}/moody.sick`);
  await until(async () => (await client.get("moody")).status.state === "ready");
  expect((await client.get("moody")).status.pid).toBe(pid);
});

test("a crashing process is restarted with growing pauses until it counts as a crash loop", async () => {
  await client.put(stack.spec("crashing", { sh: "echo about to fail; exit 7", ready: commandProbe("false") }));
  await until(async () => (await client.get("crashing")).status.state === "backoff");
  const early = (await client.get("crashing")).status;
  expect(early.reason).toMatch(/^exited with code 7.*; next start in /);
  const { outcome, reason, status } = await client.wait("crashing", 60_000);
  expect(outcome).toBe("failed");
  expect(reason).toBe("exited with code 7, 5 times in a row");
  expect(status).toMatchObject({
    state: "crashloop",
    restarts: 5,
    lastExit: { code: 7, signal: null },
  });
  expect(status.pid).toBeUndefined();
  expect(status.lastLines).toEqual(Array(5).fill("about to fail"));
  expect(status.reason).toMatch(/; next start in \d\d s$/);
  // Asking again for the very same process tries at once rather than after the minute.
  expect(
    (await client.put(stack.spec("crashing", { sh: "echo about to fail; exit 7", ready: commandProbe("false") })))
      .change,
  ).toBe("restarted");
  await client.remove("crashing");
});

test("ensure reports its phases and returns the ready process", async () => {
  const reports: Progress[] = [];
  const spec = stack.spec("slow", {
    sh: "sleep 1.2; touch slow.done; exec sleep 1000",
    ready: commandProbe("test", "-e", "slow.done"),
  });
  const status = await createProcesses(stack.paths).ensure(spec, reporting(reports));
  expect(status).toMatchObject({ name: "slow", state: "ready", restarts: 0 });
  expect(reports.map(({ phase }) => phase)).toEqual(["starting", "waiting for ready"]);
  const again = await createProcesses(stack.paths).ensure(spec, reporting());
  expect(again.pid).toBe(status.pid);
});

test("ensure names the reason, the last lines and the log command when a process fails", async () => {
  const processes = createProcesses(stack.paths);
  const spec = stack.spec("broken", {
    sh: "echo cannot find my data >&2; exec sleep 1000",
    ready: { ...commandProbe("false"), startTimeout: 300 },
  });
  await expect(processes.ensure(spec, reporting())).rejects.toMatchObject({
    code: "COMPONENT_FAILED",
    message: expect.stringMatching(/^broken does not run: was not ready within 0.3 s.*\n.*\n {2}cannot find my data/s),
    hint: expect.stringContaining("./devflow logs broken"),
  });
  await expect(processes.ensure(stack.spec("needy", { after: ["broken"] }), reporting())).rejects.toMatchObject({
    message: expect.stringContaining("it needs broken, which was not ready"),
  });
  await processes.remove("needy", reporting());
  await processes.remove("broken", reporting());
});

test("a process that is not ready in time is ended and counts as failed", async () => {
  const spec = stack.spec("never", {
    ready: { ...commandProbe("sh", "-c", "echo not now >&2; false"), startTimeout: 500 },
  });
  await client.put(spec);
  const { outcome, reason } = await client.wait("never", 60_000);
  expect({ outcome, reason }).toEqual({
    outcome: "failed",
    reason: "was not ready within 0.5 s (sh exited with 1: not now)",
  });
  await client.remove("never");
});

test("a program that does not exist fails at once and by name", async () => {
  const missing = createProcesses(stack.paths).ensure(
    stack.spec("missing", { command: ["/nowhere/program"] }),
    reporting(),
  );
  await expect(missing).rejects.toMatchObject({
    message: expect.stringContaining("the program /nowhere/program does not exist"),
  });
  const homeless = createProcesses(stack.paths).ensure(stack.spec("missing", { cwd: "/nowhere" }), reporting());
  await expect(homeless).rejects.toMatchObject({
    message: expect.stringContaining("its folder /nowhere does not exist"),
  });
  await client.remove("missing");
});

test("a stop asks first and waits for the answer", async () => {
  const sh =
    "trap 'echo goodbye; sleep 0.3; rm polite.here; exit 0' INT; touch polite.here; while :; do sleep 0.05; done";
  await client.put(
    stack.spec("polite", {
      sh,
      ready: commandProbe("test", "-e", "polite.here"),
      stop: { signal: "SIGINT", deadline: 5000 },
    }),
  );
  await ready(client, "polite");
  const status = await client.stop("polite");
  expect(status).toMatchObject({ state: "stopped", processes: 0 });
  expect(status.pid).toBeUndefined();
  expect(existsSync(`${stack.folder}/polite.here`)).toBe(false);
  expect(readFileSync(stack.paths.log("polite"), "utf8")).toBe("goodbye\n");
  expect(await stack.living("polite")).toEqual([]);
  expect((await client.restart("polite")).state).not.toBe("stopped");
  await ready(client, "polite");
});

test("a stubborn process with stubborn children in other sessions is gone after the deadline", async () => {
  const command = await stack.program(
    "stubborn",
    `import { spawn } from "node:child_process";
     for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(signal, () => {});
     if (!process.argv[2]) {
       spawn(process.execPath, [process.argv[1], "child"], { stdio: "inherit" });
       spawn(process.execPath, [process.argv[1], "child"], { stdio: "inherit", detached: true });
       spawn(process.execPath, [process.argv[1], "child"], { stdio: "inherit", detached: true, env: {} });
     }
     console.log("up");
     setInterval(() => {}, 1000);`,
  );
  const spec = stack.spec("stubborn", {
    command,
    ready: commandProbe("sh", "-c", `[ $(grep -c up ${stack.paths.log("stubborn")}) = 4 ]`),
  });
  await client.put({ ...spec, stop: { signal: "SIGTERM", deadline: 300 } });
  await ready(client, "stubborn");
  const { processes, rss, pid } = (await client.get("stubborn")).status;
  expect(processes).toBe(4);
  expect(rss).toBeGreaterThan(20 << 20);
  const begin = performance.now();
  await client.remove("stubborn");
  expect(performance.now() - begin).toBeGreaterThan(290);
  expect(await stack.living("stubborn")).toEqual([]);
  const { execFileSync } = await import("node:child_process");
  expect(execFileSync("ps", ["-A", "-o", "pid=,args="], { encoding: "utf8" })).not.toContain(
    `${stack.folder}/stubborn.mjs`,
  );
  expect(() => process.kill(pid ?? 0, 0)).toThrow("ESRCH");
});

test("what a crashed process left behind is ended before it starts again", async () => {
  const port = await freePort();
  const command = await stack.program(
    "leaving",
    `import { spawn } from "node:child_process";
     const code = 'require("node:net").createServer().listen(${port}, "127.0.0.1")';
     spawn(process.execPath, ["-e", code], { stdio: "inherit" });
     setInterval(() => {}, 1000);`,
  );
  await client.put(stack.spec("leaving", { command, ready: tcpProbe(port) }));
  const { pid } = await ready(client, "leaving");
  const before = await stack.living("leaving");
  process.kill(pid ?? 0, "SIGKILL");
  await until(async () => (await client.get("leaving")).status.restarts === 1);
  await ready(client, "leaving");
  const after = await stack.living("leaving");
  expect(after).toHaveLength(2);
  expect(after.filter((one) => before.some(({ pid: old }) => old === one.pid))).toEqual([]);
  expect((await client.get("leaving")).status.lastExit).toMatchObject({ signal: "SIGKILL" });
});

test("the same specification changes nothing, another one starts the process anew", async () => {
  expect((await client.put(stack.spec("changing", {}))).change).toBe("created");
  const { pid } = await ready(client, "changing");
  expect((await client.put(stack.spec("changing", {}))).change).toBe("same");
  expect((await client.get("changing")).status.pid).toBe(pid);
  expect((await client.put(stack.spec("changing", { configHash: "2" }))).change).toBe("restarted");
  const next = await ready(client, "changing");
  expect(next.pid).not.toBe(pid);
  expect(await stack.living("changing")).toHaveLength(1);
});

test("a process sees its own environment and little else", async () => {
  process.env.DEVFLOW_TEST_TOKEN = "must not be seen";
  await client.put(
    stack.spec("environment", { sh: "env; echo done; exec sleep 1000", env: { OWN: "value", LANG: "C.UTF-8" } }),
  );
  await until(() => readFileSync(stack.paths.log("environment"), "utf8").includes("done"));
  const names = readFileSync(stack.paths.log("environment"), "utf8")
    .split("\n")
    .flatMap((line) => /^(\w+)=/.exec(line)?.[1] ?? []);
  const allowed = /^(OWN|LANG|PATH|HOME|TZ|TMPDIR|DEVFLOW_PROCESS|PWD|OLDPWD|SHLVL|_|(https?|no|all)_proxy)$/i;
  expect(names).toEqual(expect.arrayContaining(["OWN", "LANG", "PATH", "DEVFLOW_PROCESS"]));
  expect(names.filter((name) => !allowed.test(name))).toEqual([]);
});

test("processor use is that of the whole family", async () => {
  await client.put(stack.spec("busy", { sh: "while :; do :; done & exec sleep 1000" }));
  await ready(client, "busy");
  await until(async () => ((await client.get("busy")).status.cpu ?? 0) > 20);
  expect((await client.get("busy")).status.processes).toBe(2);
  await client.remove("busy");
});

test("removing and looking never start a supervisor", async () => {
  const other = await testStack();
  const processes = createProcesses(other.paths);
  expect(await processes.get("web")).toBeUndefined();
  await processes.remove("web", reporting());
  expect(await connect(other.paths)).toBeUndefined();
  await other.dispose();
});
