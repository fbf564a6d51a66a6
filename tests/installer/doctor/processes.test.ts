import { spawn } from "node:child_process";
import { rm } from "node:fs/promises";
import { expect, test } from "vitest";
import { fixSafe } from "../../../installer/doctor/index.ts";
import { drift } from "../../../installer/doctor/rules/drift.ts";
import { machine } from "../../../installer/doctor/rules/machine.ts";
import { orphans } from "../../../installer/doctor/rules/orphans.ts";
import { permissions } from "../../../installer/doctor/rules/permissions.ts";
import { processes } from "../../../installer/doctor/rules/processes.ts";
import { supervisor } from "../../../installer/doctor/rules/supervisor.ts";
import { ownedBy } from "../../../installer/preflight/index.ts";
import { markerVariable, stackMarker } from "../../../installer/supervisor/marker.ts";
import { readRecords, writeRecord } from "../../../installer/supervisor/records.ts";
import { heldPort } from "../preflight/machine.ts";
import { ailingStack, resource } from "./ailing-stack.ts";

const ofStack = [supervisor, processes, orphans, drift, permissions];

test("doctor has nothing to say of a stack whose processes serve", async () => {
  await using stack = await ailingStack();
  await stack.process({ name: "web" }, "ready");
  await stack.record([{ put: resource("devflow:index:Process", "web") }]);
  expect(await stack.look({ rules: ofStack })).toEqual([]);
});

test("doctor names a process that ends again and again, its last lines and the known cause", async () => {
  await using stack = await ailingStack();
  await stack.process(
    { name: "web", sh: 'echo "starting"; echo "listen EADDRINUSE: address already in use 127.0.0.1:4401"; exit 1' },
    "crashloop",
  );
  const [found] = await stack.look({ rules: [processes] });
  expect(found).toMatchObject({
    id: "process-address-in-use",
    severity: "error",
    title: "web ends again and again: another program holds its port",
  });
  expect(found?.evidence.at(-1)).toContain("EADDRINUSE");
  expect(found?.fix?.command).toContain("./devflow preflight");
  expect(found?.detail).toContain("exited with code 1");
});

test("doctor points to the log of a failing process whose cause it does not know", async () => {
  await using stack = await ailingStack();
  await stack.process({ name: "web", sh: "echo the moon is in the wrong house; exit 3" }, "backoff");
  const [found] = await stack.look({ rules: [processes] });
  expect(found).toMatchObject({ id: "process-backoff", fix: { command: "./devflow logs web -f", safe: false } });
  expect(found?.evidence).toContain("the moon is in the wrong house");
});

test("doctor explains the process that fails and names those that suffer from it in a line", async () => {
  await using stack = await ailingStack();
  const up = `${stack.folder}/up`;
  const ready = {
    kind: "command" as const,
    command: ["test", "-e", up],
    timeout: 10_000,
    interval: 100,
    startTimeout: 60_000,
  };
  const fatal = 'echo "FATAL: database files are incompatible with server"; exit 1';
  const once = `if test -e ${up}.once; then ${fatal}; fi; touch ${up} ${up}.once; while test -e ${up}; do sleep 0.1; done; ${fatal}`;
  await stack.process({ name: "database", sh: once, ready }, "ready");
  await stack.process({ name: "web", sh: "echo ECONNREFUSED; exec sleep 1000", ready, after: ["database"] }, "ready");
  await rm(up);
  const client = await stack.supervisor();
  const state = async (name: string) => (await client.get(name)).status.state;
  while ((await state("web")) !== "unready" || (await state("database")) === "ready") {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const found = await stack.look({ rules: [processes] });
  expect(found.map(({ severity }) => severity)).toEqual(["error", "warning"]);
  expect(found[0]?.title).toMatch(
    /^database ended and will be started again: its data was made by another major version/,
  );
  expect(found[1]).toMatchObject({
    id: "process-follows",
    title: "web does not serve because database does not",
    evidence: [],
  });
});

test("doctor tells that a process was killed", async () => {
  await using stack = await ailingStack();
  await stack.process({ name: "web", sh: "kill -9 $$" }, "backoff");
  expect(await stack.look({ rules: [processes] })).toMatchObject([{ id: "process-killed" }]);
});

test("doctor names a process that runs but no longer answers", async () => {
  await using stack = await ailingStack();
  const answers = `${stack.folder}/answers`;
  const ready = {
    kind: "command" as const,
    command: ["test", "-e", answers],
    timeout: 10_000,
    interval: 100,
    startTimeout: 60_000,
  };
  await stack.process({ name: "web", sh: `touch ${answers}; exec sleep 1000`, ready }, "ready");
  await rm(answers);
  await stack.process({ name: "other" }, "ready");
  const client = await stack.supervisor();
  while ((await client.get("web")).status.state !== "unready") await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await stack.look({ rules: [processes] })).toMatchObject([{ id: "process-unready", severity: "error" }]);
});

test("doctor notices a killed supervisor, and --fix starts one that takes the living processes over", async () => {
  await using stack = await ailingStack();
  await stack.process({ name: "web" }, "ready");
  const { pid } = (await (await stack.supervisor()).get("web")).status;
  await stack.killSupervisor();
  const found = await stack.look({ rules: [supervisor] });
  expect(found).toMatchObject([{ id: "supervisor-gone", severity: "error", fix: { safe: true } }]);
  expect(found[0]?.detail).toContain("web still run, unwatched");
  const [fixed] = await fixSafe(found);
  expect(fixed).toMatchObject({ done: true });
  expect((await (await stack.supervisor()).get("web")).status.pid).toBe(pid);
  expect(await stack.look({ rules: [supervisor] })).toEqual([]);
});

test("doctor notices a supervisor that hangs", async () => {
  await using stack = await ailingStack();
  await stack.process({ name: "web" }, "ready");
  const { pid } = await (await stack.supervisor()).version();
  process.kill(pid, "SIGSTOP");
  try {
    const [found] = await stack.look({ rules: [supervisor] });
    expect(found).toMatchObject({
      id: "supervisor-hangs",
      fix: { command: `kill -9 ${pid} && ./devflow up`, safe: false },
    });
  } finally {
    process.kill(pid, "SIGCONT");
  }
});

test("doctor finds a process of the stack that its supervisor does not know, and ends it", async () => {
  await using stack = await ailingStack();
  await stack.process({ name: "web" }, "ready");
  const stray = spawn("sleep", ["1000"], {
    env: { ...process.env, [markerVariable]: `${stackMarker(stack.paths.root)}/web` },
  });
  const ended = new Promise((resolve) => stray.once("exit", (_, signal) => resolve(signal)));
  const found = await stack.look({ rules: [orphans] });
  expect(found).toMatchObject([{ id: "orphans", fix: { command: `kill ${stray.pid}`, safe: true } }]);
  await fixSafe(found);
  expect(await ended).toBe("SIGTERM");
  expect(await stack.look({ rules: [orphans, processes] })).toEqual([]);
});

test("doctor notices a process that the state has and the supervisor does not", async () => {
  await using stack = await ailingStack();
  await stack.process({ name: "web" }, "ready");
  await stack.record([
    { put: resource("devflow:index:Process", "web") },
    { put: resource("devflow:index:Process", "lost") },
  ]);
  const [found] = await stack.look({ rules: [drift] });
  expect(found).toMatchObject({ id: "drift", fix: { command: "./devflow up", safe: false } });
  expect(found?.title).toContain("lost should run");
});

test("what a stack's own processes hold is theirs, and a port somebody else took is not", async () => {
  await using stack = await ailingStack();
  await using foreign = await heldPort();
  const script =
    "require('net').createServer().listen(0,'127.0.0.1',function(){require('fs').writeFileSync(process.argv[1],String(this.address().port))})";
  const file = `${stack.folder}/port`;
  const ready = {
    kind: "command" as const,
    command: ["test", "-s", file],
    timeout: 10_000,
    interval: 100,
    startTimeout: 60_000,
  };
  await stack.process({ name: "web", command: [process.execPath, "-e", script, file], ready }, "ready");
  const { readFile } = await import("node:fs/promises");
  const own = Number(await readFile(file, "utf8"));
  const client = await stack.supervisor();
  const { status } = await client.get("web");
  expect((await ownedBy(stack.paths)).pids).toContain(status.pid);
  // It should have both; the supervisor would not call it ready, so the record of it is written by hand.
  const [record] = readRecords(stack.paths);
  if (!record) throw new Error("the supervisor keeps no record of the process");
  writeRecord(stack.paths, { ...record, spec: { ...record.spec, ports: [own, foreign.port] } });
  const owned = await ownedBy(stack.paths);
  expect(owned.ports).toEqual([own]);
});

test("doctor passes on what preflight finds, with the change as a command", async () => {
  await using stack = await ailingStack();
  await using held = await heldPort();
  const changes = { port: held.port, ports: [{ component: "proxy", port: held.port }] };
  const found = (await stack.look({ rules: [machine], changes })).find(({ id }) => id === "machine-ports");
  expect(found).toMatchObject({ severity: "warning" });
  expect(found?.title).toContain(`(pid ${process.pid})`);
  expect(found?.fix?.command).toMatch(/^\.\/devflow up --set network\.port=\d+$/);
});
