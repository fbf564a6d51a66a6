import type { Progress } from "../../components/provider/host.ts";
import { nameOf, type PlannedStep, type RunEvent, typeOf } from "./event.ts";

export type ComponentState =
  | "waiting"
  | "preparing"
  | "starting"
  | "removing"
  | "ready"
  | "removed"
  | "failed"
  | "skipped";

/** A component as people see it while a run works on it: the sum of its resources. */
export interface ComponentProgress {
  name: string;
  version: string | undefined;
  state: ComponentState;
  /** preparing or starting: the step that takes longest. */
  progress: Progress | undefined;
  /** starting, removing: epoch milliseconds since when it has been worked on without a pause. */
  since: number | undefined;
  /** ready: seconds it was worked on, without its waits for others and without preparing its program. */
  seconds: number | undefined;
  /** It has something that runs; what is only fetched or written has not. */
  runs: boolean;
  /** Nothing had to be done for it. */
  unchanged: boolean;
  /** failed: the error of its first failed resource, and which one. */
  error: { resource: string; message: string; hint: string | undefined } | undefined;
  /** skipped: the reason in words: `because of postgres`, `because the run was interrupted`. */
  because: string | undefined;
}

const artifact = "devflow:index:Artifact";
/** What something runs by. */
const runs = new Set([
  "devflow:index:Process",
  "docker:index/container:Container",
  "kubernetes:apps/v1:Deployment",
  "kubernetes:apps/v1:StatefulSet",
  "kubernetes:apps/v1:DaemonSet",
]);
const product = "devflow:product:";

/** A run's view by component: `apply` every event in order and read `components()` whenever it is to be shown. */
export function byComponent(steps: readonly PlannedStep[]) {
  const owner = owners(steps);
  const resources = new Map<string, Resource>();
  for (const { urn, operation, custom } of steps) {
    if (custom) resources.set(urn, { urn, operation, state: settled(operation) });
  }

  return { apply, components };

  function apply(event: RunEvent): void {
    const resource = resources.get(event.urn) ?? { urn: event.urn, operation: event.operation, state: "waiting" };
    resources.set(event.urn, resource);
    // A run that is stopped gives up the rest; of what was as it should be nothing is missing.
    if (event.state === "skipped" && event.because === undefined && resource.state === "done") return;
    resource.operation = event.operation;
    if (event.state === "progress") {
      resource.progress = event.progress as Progress;
      return;
    }
    resource.state = event.state;
    if (event.state === "started") resource.startedAt = event.at;
    if (event.state === "done") resource.doneAt = event.at;
    if (event.message !== undefined) resource.message = event.message;
    if (event.hint !== undefined) resource.hint = event.hint;
    if (event.because !== undefined) resource.because = event.because;
  }

  function components(): ComponentProgress[] {
    const groups = new Map<string, Resource[]>();
    for (const resource of resources.values()) {
      const name = owner(resource.urn);
      if (name === undefined) continue;
      groups.set(name, [...(groups.get(name) ?? []), resource]);
    }
    return [...groups].map(([name, members]) => summarise(name, members, versionOf(steps, members), owner));
  }
}

interface Resource {
  urn: string;
  operation: string;
  state: "waiting" | "started" | "done" | "failed" | "skipped";
  startedAt?: number;
  doneAt?: number;
  progress?: Progress;
  message?: string;
  hint?: string;
  because?: string;
}

function settled(operation: string): Resource["state"] {
  return operation === "same" ? "done" : "waiting";
}

function summarise(
  name: string,
  members: Resource[],
  version: string | undefined,
  owner: (urn: string) => string | undefined,
): ComponentProgress {
  const failed = members.find(({ state }) => state === "failed");
  const skipped = members.find(({ state }) => state === "skipped");
  const active = members.filter(({ state }) => state === "started");
  const spans = members.flatMap(({ urn, startedAt, doneAt }) =>
    startedAt === undefined || typeOf(urn) === artifact ? [] : [{ from: startedAt, to: doneAt ?? Infinity }],
  );
  const worked = joined(spans);
  const state = stateOf(members, active);
  const slowest = active.find((member) => typeOf(member.urn) === artifact) ?? active.find((member) => member.progress);
  const needed = skipped?.because === undefined ? undefined : owner(skipped.because);
  return {
    name,
    version,
    state,
    progress: slowest?.progress,
    since: worked.find(({ to }) => to === Infinity)?.from,
    seconds:
      state === "ready" && worked.length > 0
        ? worked.reduce((sum, { from, to }) => sum + to - from, 0) / 1000
        : undefined,
    runs: members.some(({ urn }) => runs.has(typeOf(urn))),
    unchanged: members.every(({ operation }) => operation === "same"),
    error: failed && { resource: nameOf(failed.urn), message: failed.message ?? "it failed", hint: failed.hint },
    because: needed === name ? undefined : reasonOf(needed, skipped?.message),
  };
}

function stateOf(members: Resource[], active: Resource[]): ComponentState {
  if (members.some(({ state }) => state === "failed")) return "failed";
  // A component that has to wait for something of another is skipped as a whole, whatever of it was done before.
  if (members.some(({ state }) => state === "skipped")) return "skipped";
  const leaving = members.every(({ operation }) => operation === "delete");
  if (members.every(({ state }) => state === "done")) return leaving ? "removed" : "ready";
  if (leaving) return active.length > 0 ? "removing" : "waiting";
  if (active.some(({ urn }) => typeOf(urn) === artifact)) return "preparing";
  // Between two of its steps it waits for something of another component.
  return active.length > 0 ? "starting" : "waiting";
}

function reasonOf(needed: string | undefined, message: string | undefined): string | undefined {
  if (needed !== undefined) return `because of ${needed}`;
  return message === undefined ? undefined : `because ${message}`;
}

interface Span {
  from: number;
  to: number;
}

/** Spans of time in order, those that overlap as one. */
function joined(spans: Span[]): Span[] {
  const all: Span[] = [];
  for (const { from, to } of spans.toSorted((one, other) => one.from - other.from)) {
    const last = all.at(-1);
    if (last && from <= last.to) last.to = Math.max(last.to, to);
    else all.push({ from, to });
  }
  return all;
}

/** A resource belongs to its nearest ancestor that is a product. A parent is found by the plan, or by the URN's types. */
export function owners(steps: readonly { urn: string; parent?: string }[]): (urn: string) => string | undefined {
  const parents = new Map(steps.map(({ urn, parent }) => [urn, parent]));
  return (urn) => {
    for (let at: string | undefined = urn, depth = 0; at !== undefined && depth < 20; at = parents.get(at), depth++) {
      if (typeOf(at).startsWith(product)) return nameOf(at);
    }
    return undefined;
  };
}

function versionOf(steps: readonly PlannedStep[], members: Resource[]): string | undefined {
  const urns = new Set(members.map(({ urn }) => urn));
  return steps.find((step) => urns.has(step.urn) && step.version !== undefined)?.version;
}
