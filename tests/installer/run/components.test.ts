import { expect, test } from "vitest";
import type { EngineEvent } from "../../../installer/engine/events.ts";
import { byComponent } from "../../../installer/run/components.ts";
import type { PlannedStep, RunEvent } from "../../../installer/run/event.ts";
import { componentLine, componentLines } from "../../../installer/run/lines.ts";
import { interruption, translated } from "../../../installer/run/translate.ts";
import { capture } from "../terminal/capture.ts";

const urn = (types: string, name: string) => `urn:pulumi:home::devflow::${types}::${name}`;
const stack = urn("pulumi:pulumi:Stack", "devflow-home");
const postgres = urn("devflow:product:Postgres", "postgres");
const server = urn("devflow:product:Postgres$devflow:workload", "postgres");
const process = urn("devflow:product:Postgres$devflow:workload$devflow:index:Process", "postgres");
const volume = urn("devflow:product:Postgres$devflow:workload$devflow:index:Volume", "postgres");
const files = urn("devflow:product:Postgres$devflow:workload$devflow:index:Files", "postgres");
const code = urn("devflow:product:Gitea", "code");
const program = urn("devflow:product:Gitea$devflow:index:Artifact", "gitea");
const gitea = urn("devflow:product:Gitea$devflow:index:Process", "gitea");

const steps: PlannedStep[] = [
  { urn: stack, operation: "create", custom: false },
  { urn: postgres, parent: stack, operation: "create", custom: false },
  { urn: server, parent: postgres, operation: "create", custom: false },
  { urn: volume, parent: server, operation: "create", custom: true },
  { urn: files, parent: server, operation: "create", custom: true },
  { urn: process, parent: server, operation: "create", custom: true, version: "18.4" },
  { urn: code, parent: stack, operation: "create", custom: false },
  { urn: program, parent: code, operation: "create", custom: true, version: "1.26.0" },
  { urn: gitea, parent: code, operation: "create", custom: true },
];

function run(events: Omit<RunEvent, "operation">[], plan = steps) {
  const view = byComponent(plan);
  for (const event of events) view.apply({ operation: "create", ...event });
  return view.components();
}

test("resources are summed up by the product they belong to", () => {
  expect(run([]).map(({ name, state, version }) => [name, state, version])).toEqual([
    ["postgres", "waiting", "18.4"],
    ["code", "waiting", "1.26.0"],
  ]);
});

test("a component whose program is being built is preparing, with its progress", () => {
  const progress = { phase: "compiling", done: 41, total: 100, unit: "steps" as const, eta: 170 };
  const components = run([
    { at: 0, state: "started", urn: program },
    { at: 50, state: "progress", urn: program, progress },
  ]);
  expect(componentLines(capture(), components, 0, 60)).toEqual([
    "  · postgres    18.4    waiting",
    "  → code        1.26.0  preparing  41 %, compiling, about 3 min left",
  ]);
});

test("a component is ready when its last resource is, after the seconds it was worked on", () => {
  const spans: [string, number, number][] = [
    [volume, 1000, 1300],
    [files, 1100, 1500],
    [process, 9000, 9600],
  ];
  const events = spans.flatMap(([urn, from, to]) => [
    { at: from, state: "started" as const, urn },
    { at: to, state: "done" as const, urn },
  ]);
  expect(run(events.slice(0, 1))[0]).toMatchObject({ state: "starting", since: 1000 });
  expect(run(events.slice(0, 4))[0]).toMatchObject({ state: "waiting", since: undefined });
  expect(run(events.slice(0, 5))[0]).toMatchObject({ state: "starting", since: 9000 });
  const [first] = run(events);
  expect(first).toMatchObject({ state: "ready", unchanged: false });
  expect(first?.seconds).toBeCloseTo(1.1);
  expect(first && componentLine(capture(), first, 9999)).toBe("✓ postgres 18.4: ready in 1.1 s");
});

test("a failure names the resource and skips what needs it, with the reason", () => {
  const components = run([
    { at: 0, state: "failed", urn: process, message: "port 5432 is taken\nmore", hint: "Free it." },
    { at: 1, state: "skipped", urn: gitea, because: process },
  ]);
  expect(components[0]?.error).toEqual({ resource: "postgres", message: "port 5432 is taken\nmore", hint: "Free it." });
  expect(componentLines(capture(), components, 0, 0)).toEqual([
    "  ✗ postgres    18.4    failed: port 5432 is taken",
    "  – code        1.26.0  skipped because of postgres",
  ]);
});

test("a run that is stopped skips what it did not do, and what was as it should be stays ready", () => {
  const interrupted: Omit<RunEvent, "operation"> = {
    ...{ at: 1, state: "skipped", urn: gitea, message: interruption },
  };
  const dropped = translated(
    {
      ...{ kind: "failed", at: "2026-11-22T12:00:00Z" },
      step: { ...{ urn: program, name: "gitea", type: "devflow:index:Artifact", op: "create", custom: true } },
      error: { code: "INTERRUPTED", message: "gitea was stopped in the middle." },
    } as EngineEvent,
    () => "create",
  );
  const plan = steps.map((step) => (step.urn.includes("Postgres") ? { ...step, operation: "same" } : step));
  const components = run([interrupted, dropped as RunEvent, { ...interrupted, urn: process }], plan);
  expect(components.map((component) => componentLine(capture(), component, 0))).toEqual([
    "✓ postgres 18.4: ready, unchanged",
    "– code 1.26.0: skipped because the run was interrupted",
  ]);
});

test("what a plan leaves as it is counts as ready and unchanged from the start", () => {
  const components = run(
    [],
    steps.map((step) => ({ ...step, operation: "same" })),
  );
  expect(components.map((component) => componentLine(capture(), component, 0))).toEqual([
    "✓ postgres 18.4: ready, unchanged",
    "✓ code 1.26.0: ready, unchanged",
  ]);
});

test("a component that is switched off is removed, not ready", () => {
  const plan = [
    { urn: process, parent: server, operation: "delete", custom: true },
    { urn: server, parent: postgres, operation: "delete", custom: false },
  ];
  expect(run([], plan)[0]?.state).toBe("waiting");
  expect(run([{ at: 0, state: "done", urn: process, operation: "delete" } as RunEvent], plan)[0]?.state).toBe(
    "removed",
  );
});
