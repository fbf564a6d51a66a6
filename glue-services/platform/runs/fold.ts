import type { Progress } from "../schemas.ts";
import type { RunComponent, RunStep } from "./schemas.ts";

/** A resource of the plan, as a run's `run.json` lists it. */
export interface Planned {
  urn: string;
  parent?: string;
  operation: string;
  custom: boolean;
  dependencies?: string[];
  version?: string;
}

/** A line of a run's `events.jsonl`. */
type Line = Record<string, unknown>;

/** Folds a run's events into its plan: the resources with an effect, by component, in the plan's order. */
export function componentsOf(plan: readonly Planned[], lines: readonly Line[]): RunComponent[] {
  const owner = owners(plan);
  const steps = new Map<string, RunStep>();
  for (const one of plan) if (one.custom) steps.set(one.urn, planned(one.urn, one.operation));
  for (const line of lines) {
    if (typeof line.urn !== "string") continue;
    const step = steps.get(line.urn) ?? planned(line.urn, String(line.operation ?? "create"));
    steps.set(line.urn, step);
    apply(step, line);
  }
  const groups = Map.groupBy(steps, ([urn]) => owner(urn) ?? "platform");
  return [...groups].map(([name, members]) => {
    const own = members.map(([, step]) => step);
    const version = plan.find((one) => one.version && members.some(([urn]) => urn === one.urn))?.version;
    return {
      name,
      version: version ?? null,
      state: sum(own),
      startedAt: edge(own, "startedAt", (a, b) => (a < b ? a : b)),
      endedAt: sum(own) === "running" ? null : edge(own, "endedAt", (a, b) => (a > b ? a : b)),
      steps: own,
    };
  });
}

/** A resource belongs to its nearest ancestor that is a product. */
export function owners(plan: readonly Planned[]): (urn: string) => string | undefined {
  const parents = new Map(plan.map(({ urn, parent }) => [urn, parent]));
  return (urn) => {
    let at: string | undefined = urn;
    for (let depth = 0; at !== undefined && depth < 20; depth++) {
      if (kindOf(at).startsWith("devflow:product:")) return nameOf(at);
      at = parents.get(at);
    }
    return undefined;
  };
}

function planned(urn: string, operation: string): RunStep {
  return {
    name: nameOf(urn),
    kind: kindOf(urn).split(":").at(-1) ?? "",
    operation,
    state: operation === "same" ? "unchanged" : "waiting",
    startedAt: null,
    endedAt: null,
    progress: null,
    message: null,
    hint: null,
  };
}

function apply(step: RunStep, line: Line): void {
  const state = states[String(line.state)];
  if (!state) return;
  const at = typeof line.at === "number" ? new Date(line.at).toISOString() : null;
  step.state = state;
  step.startedAt ??= at;
  step.endedAt = state === "running" ? null : at;
  step.progress = state === "running" ? (progressOf(line.progress) ?? step.progress) : null;
  if (typeof line.operation === "string") step.operation = line.operation;
  if (typeof line.message === "string") step.message = line.message;
  if (typeof line.hint === "string") step.hint = line.hint;
}

const states: Record<string, RunStep["state"]> = {
  started: "running",
  progress: "running",
  done: "done",
  failed: "failed",
  skipped: "skipped",
};

/** Worst first. */
const order: RunStep["state"][] = ["failed", "skipped", "running", "waiting", "done", "unchanged"];

function sum(steps: RunStep[]): RunStep["state"] {
  const worst = order.find((state) => steps.some((step) => step.state === state)) ?? "unchanged";
  const begun = steps.some(({ state }) => state === "done");
  return worst === "waiting" && begun ? "running" : worst;
}

function edge(steps: RunStep[], key: "startedAt" | "endedAt", pick: (a: string, b: string) => string): string | null {
  return steps.map((step) => step[key]).reduce((a, b) => (a === null ? b : b === null ? a : pick(a, b)), null);
}

function progressOf(value: unknown): Progress | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { phase, done, total, eta, note } = value as Record<string, unknown>;
  if (typeof phase !== "string") return undefined;
  const percent = typeof done === "number" && typeof total === "number" && total > 0 ? (100 * done) / total : null;
  return {
    phase,
    percent: percent === null ? null : Math.min(100, Math.floor(percent)),
    eta: typeof eta === "number" ? Math.round(eta) : null,
    note: typeof note === "string" ? note : null,
  };
}

/** Of `urn:pulumi:stack::project::parent$type::name`. */
export function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

function kindOf(urn: string): string {
  return urn.split("::")[2]?.split("$").at(-1) ?? "";
}
