import { expect, test } from "vitest";
import type { ProcessStatus } from "../../../components/provider/process.ts";
import type { PlannedStep, RunEvent } from "../../../installer/run/event.ts";
import type { RunOutcome } from "../../../installer/run/run.ts";
import { type StatusInput, statusOf } from "../../../installer/run/status.ts";
import { statusLines } from "../../../installer/run/status-lines.ts";
import { interruption } from "../../../installer/run/translate.ts";
import { capture } from "../terminal/capture.ts";

const now = Date.parse("2026-11-22T12:00:00Z");
const product = (name: string) => `urn:pulumi:home::devflow::devflow:product:Thing::${name}`;
const program = "urn:pulumi:home::devflow::devflow:product:Thing$devflow:index:Artifact::code";
const server = "urn:pulumi:home::devflow::devflow:product:Thing$devflow:index:Process::postgres";
const steps: PlannedStep[] = [
  { urn: product("postgres"), operation: "create", custom: false },
  { urn: server, parent: product("postgres"), operation: "create", custom: true },
  { urn: product("code"), operation: "create", custom: false },
  { urn: program, parent: product("code"), operation: "create", custom: true, version: "1.26.0" },
];

function status(
  processes: ProcessStatus[],
  events: Partial<RunEvent>[],
  run: { live: boolean; ended?: RunOutcome["status"] },
) {
  const full = events.map(
    (event) => ({ at: now, operation: "create", urn: server, state: "done", ...event }) as RunEvent,
  );
  const request = { id: "1", createdAt: "", version: "", mode: "up" as const, options: {}, cwd: "/", steps };
  const outcome = run.ended && { finishedAt: "", status: run.ended };
  const input: StatusInput = {
    stack: "home",
    processes,
    addresses: { postgres: "http://localhost:4400" },
    run: { request, events: full, outcome, live: run.live },
  };
  return statusOf(input);
}

function process(changes: Partial<ProcessStatus> = {}): ProcessStatus {
  return {
    name: "postgres",
    component: "postgres",
    version: "18.4",
    state: "ready",
    pid: 4121,
    since: "2026-11-22T11:58:00Z",
    startedAt: "2026-11-22T11:58:00Z",
    restarts: 0,
    lastExit: undefined,
    reason: undefined,
    lastLines: [],
    log: "/logs/postgres.log",
    ports: [4402],
    rss: 74 * 2 ** 20,
    cpu: 1.25,
    processes: 7,
    ...changes,
  };
}

test("a component whose program is still being prepared says how far it is", () => {
  const progress = { phase: "compiling", done: 41, total: 100, unit: "steps" as const, eta: 170 };
  const found = status(
    [process()],
    [{ state: "done" }, { urn: program, state: "started" }, { urn: program, state: "progress", progress }],
    { live: true },
  );
  expect(found).toMatchObject({ state: "preparing", memory: 74 * 2 ** 20, processes: 7, run: { state: "running" } });
  expect(statusLines(capture({ columns: 130 }), found, now)).toEqual([
    "stack home · 1 of 2 ready · 7 processes · 74 MiB",
    "",
    "  component  version  state       pid     up  memory    cpu  ports  address",
    "✓ postgres   18.4     ready      4121  2 min  74 MiB  1.3 %  4402   http://localhost:4400",
    "· code       1.26.0   preparing                                     41 %, compiling, about 3 min left",
    "",
    "A run is under way: `./devflow status --watch` shows it, `./devflow up` joins it.",
  ]);
});

test("a narrow terminal leaves out what can be spared, never the address or how far a preparation is", () => {
  const progress = { phase: "compiling", done: 41, total: 100, unit: "steps" as const, eta: 170 };
  const found = status([process()], [{ urn: program, state: "progress", progress }], { live: true });
  found.components[1] = { ...found.components[1], state: "preparing", progress } as (typeof found.components)[1];
  const seen = (columns: number) => statusLines(capture({ columns }), found, now).slice(2, 5).join("\n");
  for (const columns of [80, 64]) {
    expect(seen(columns)).toContain("http://localhost:4400");
    expect(seen(columns)).toContain("41 %, compiling, about 3 min left");
    expect(seen(columns)).not.toContain("…");
  }
  expect(seen(80)).toContain("memory");
  expect(seen(64)).not.toContain("ports");
});

test("a process in a crash loop shows why, its last lines and its log", () => {
  const broken = process({
    state: "crashloop",
    pid: undefined,
    restarts: 5,
    reason: "it exited with code 1 five times in a minute",
    lastLines: ["FATAL: could not write lock file"],
  });
  const found = status([broken, process({ name: "code", component: "code" })], [], { live: false, ended: "done" });
  expect(found.state).toBe("failed");
  expect(statusLines(capture(), found, now).slice(-4)).toEqual([
    "",
    "postgres: it exited with code 1 five times in a minute",
    "    FATAL: could not write lock file",
    "    /logs/postgres.log",
  ]);
});

test("after a run that was stopped, what runs counts, and how to go on is said once", () => {
  const skipped = { state: "skipped" as const, message: interruption };
  const found = status([process()], [skipped, { ...skipped, urn: program }], { live: false, ended: "interrupted" });
  expect(found.components.map(({ name, state }) => `${name} ${state}`)).toEqual(["postgres ready", "code skipped"]);
  expect(statusLines(capture(), found, now).slice(5)).toEqual([
    "",
    "The last run was stopped before its end → `./devflow up` resumes.",
  ]);
});

test("a run that was killed is told apart from one that goes on, and from one that ended", () => {
  const said = (run: { live: boolean; ended?: "done" | "failed" }) => status([], [], run).run?.state;
  expect([said({ live: true }), said({ live: false }), said({ live: false, ended: "failed" })]).toEqual([
    "running",
    "died",
    "failed",
  ]);
});

test("a component is stopped once no run works on it and its process is gone; one that is only fetched is ready", () => {
  const found = status([], [{ state: "done" }, { urn: program, state: "done" }], { live: false, ended: "done" });
  expect(found.components.map(({ state }) => state)).toEqual(["stopped", "ready"]);
});

test("a stack that never ran says how to start it", () => {
  const found = statusOf({ stack: "home", processes: [], addresses: {}, run: undefined });
  expect(statusLines(capture(), found, now)).toEqual(["Stack home does not run. Start it with `./devflow up`."]);
  expect(found.state).toBe("stopped");
});
