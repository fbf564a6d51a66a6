import { expect, test } from "vitest";
import type { Step } from "../../../installer/engine/events.ts";
import { byComponent } from "../../../installer/run/components.ts";
import type { RunEvent } from "../../../installer/run/event.ts";
import { needsOf } from "../../../installer/run/needs.ts";
import { nothingToDo, planLines, planOf } from "../../../installer/run/plan.ts";
import { slowComponents } from "../../../installer/run/waiting.ts";
import { capture } from "../terminal/capture.ts";

const urn = (kind: string, name: string) =>
  `urn:pulumi:home::devflow::devflow:product:Gitea$devflow:index:${kind}::${name}`;
const code = "urn:pulumi:home::devflow::devflow:product:Gitea::code";
const metrics = "urn:pulumi:home::devflow::devflow:product:Metrics::metrics";

function step(kind: string, op: Step["op"], inputs: Record<string, unknown>, more: Partial<Step> = {}): Step {
  const diff = Object.entries(inputs).map(([path, after]) => ({ path, kind: "add" as const, after }));
  const type = `devflow:index:${kind}`;
  const base = {
    urn: urn(kind, "gitea"),
    type,
    name: "gitea",
    custom: true,
    parent: code,
    dependencies: [],
    replaceKeys: [],
  };
  return { ...base, op, diff, status: "planned", ...more };
}

const steps = [
  step("Artifact", "create", { upstream: "gitea", version: "1.26.0" }),
  step("PostgresDatabase", "create", { name: "gitea" }),
  step(
    "Process",
    "create",
    { version: "1.26.0", memory: 165, ports: [4403] },
    { dependencies: [urn("Artifact", "gitea")] },
  ),
  step("ProxySite", "create", { site: "http://code.localhost:4400" }),
  {
    ...step("Process", "create", {}),
    urn: `${metrics.replace("::metrics", "")}$devflow:index:Process::metrics`,
    parent: metrics,
    dependencies: [urn("Process", "gitea")],
  },
];
const built = {
  ref: { name: "gitea", version: "1.26.0" },
  present: false,
  downloadBytes: 110e6,
  disk: 120,
  build: { about: "", minutes: 4 },
};

test("a plan says what is made, memory, disk, download and build", async () => {
  const plan = await planOf(steps, new Map(), async () => [built]);
  expect(planLines(capture(), plan, 23 * 2 ** 30)).toEqual([
    "Plan        + 2 processes   + 1 database   0 to change   0 to remove",
    "            memory 165 MiB of 23 GiB free · disk 120 MiB (download 105 MiB, 1 build about 4 min)",
  ]);
  expect(plan.ports).toEqual([{ component: "code", port: 4403 }]);
  expect(needsOf(plan)).toMatchObject({ memory: 165, disk: { cache: 120 * 2 ** 20 + 110e6 }, ports: plan.ports });
  expect(plan.steps.find(({ url }) => url)?.url).toBe("http://code.localhost:4400");
});

test("what stays as it is counts with the inputs of the state, and leaves nothing to do", async () => {
  const stored = new Map([[urn("Process", "gitea"), { memory: 165, ports: [4403] }]]);
  const plan = await planOf([step("Process", "same", {})], stored, async () => []);
  expect([plan.memory, plan.ports, nothingToDo(plan)]).toEqual([165, [{ component: "code", port: 4403 }], true]);
  expect(nothingToDo(await planOf([step("Process", "update", {})], stored, async () => []))).toBe(false);
});

test("a port that moves counts with its new number, though the plan tells single elements of the list", async () => {
  const stored = new Map([[urn("Process", "gitea"), { memory: 165, ports: [4400, 4414, 80] }]]);
  const moved = step(
    "Process",
    "update",
    {},
    {
      diff: [
        { path: "ports[0]", kind: "update", before: 4400, after: 4500 },
        { path: "ports[1]", kind: "update", before: 4414, after: 4514 },
        { path: "ports[2]", kind: "delete", before: 80 },
      ],
    },
  );
  const { ports } = await planOf([moved], stored, async () => []);
  expect(ports.map(({ port }) => port)).toEqual([4500, 4514]);
});

test("nobody is kept waiting for a build, nor for what needs it", async () => {
  const plan = await planOf(steps, new Map(), async () => [built]);
  const view = byComponent(plan.steps);
  expect([...slowComponents(plan.steps, view.components())]).toEqual([]);
  view.apply({ at: 0, state: "started", urn: urn("Artifact", "gitea"), operation: "create" } satisfies RunEvent);
  expect([...slowComponents(plan.steps, view.components())].sort()).toEqual(["code", "metrics"]);
});

test("a download is waited for, unless it will take long", async () => {
  const plan = await planOf(steps, new Map(), async () => [{ ref: built.ref, present: false, disk: 120 }]);
  const view = byComponent(plan.steps);
  const event = { at: 0, urn: urn("Artifact", "gitea"), operation: "create" };
  view.apply({ ...event, state: "started" });
  const at = (eta: number) => {
    view.apply({ ...event, state: "progress", progress: { phase: "downloading", eta } });
    return slowComponents(plan.steps, view.components()).has("code");
  };
  expect([at(20), at(300)]).toEqual([false, true]);
});
