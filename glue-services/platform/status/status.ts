import { lastRun } from "../runs/last.ts";
import type { ComponentStatus, ProcessState, Run, State, Status } from "../schemas.ts";
import { readProcesses, type SupervisedProcess } from "./supervisor.ts";

export interface StatusOptions {
  version: string;
  publicUrl: string;
  /** Unix socket of the supervisor. */
  supervisor: string | undefined;
  /** Folder of the runs. */
  runs: string | undefined;
  /** Component to the address people open. */
  addresses: Record<string, string>;
}

/** Milliseconds an answer is used again, so that many open pages cost as much as one. */
const fresh = 1000;

/** A function that answers how the platform is; it never throws, an absent supervisor is part of the answer. */
export function statusReader(options: StatusOptions): () => Promise<Status> {
  let last: { at: number; status: Promise<Status> } | undefined;
  return () => {
    if (!last || performance.now() - last.at > fresh) last = { at: performance.now(), status: read(options) };
    return last.status;
  };
}

async function read(options: StatusOptions): Promise<Status> {
  const [processes, run] = await Promise.all([
    readProcesses(options.supervisor).catch((error: Error) => error),
    lastRun(options.runs).catch(() => undefined),
  ]);
  const known = processes instanceof Error ? [] : processes;
  const components = [...componentsOf(known, options), ...prepared(known, run), ...notMade(known, run)];
  const sum = (pick: (process: SupervisedProcess) => number | undefined) =>
    known.reduce((total, process) => total + (pick(process) ?? 0), 0);
  return {
    state: processes instanceof Error ? "unknown" : worst(components.map((component) => component.state)),
    version: options.version,
    url: options.publicUrl,
    checkedAt: new Date().toISOString(),
    supervisor: {
      reachable: !(processes instanceof Error),
      reason: processes instanceof Error ? processes.message : null,
    },
    components,
    run: run ?? null,
    totals: {
      memory: Math.round(sum((process) => process.rss)),
      cpu: round(sum((process) => process.cpu)),
      // Programs, as the tables list them; what each starts by itself, such as back ends of PostgreSQL, comes and goes.
      processes: sum((process) => (process.pid ? 1 : 0)),
    },
  };
}

function componentsOf(processes: SupervisedProcess[], options: StatusOptions): ComponentStatus[] {
  return [...Map.groupBy(processes, (process) => process.component)].map(([name, group]) => {
    const state = worst(group.map((process) => stateOf(process.state)));
    const odd = group.find((process) => stateOf(process.state) === state && process.reason);
    return {
      name,
      state,
      version: group[0]?.version ?? "",
      address: options.addresses[name] ?? (name === "platform" ? options.publicUrl : null),
      reason: odd?.reason ?? null,
      since:
        group
          .map((process) => process.since)
          .sort()
          .at(-1) ?? null,
      memory: total(group.map((process) => process.rss)),
      cpu: total(group.map((process) => process.cpu)),
      progress: null,
      processes: group.map(told),
    };
  });
}

/** Components that a live run is still preparing, so that no process of theirs is known yet. */
function prepared(processes: SupervisedProcess[], run: Run | undefined): ComponentStatus[] {
  if (run?.state !== "running") return [];
  const known = new Set(processes.flatMap((process) => [process.component, process.name]));
  return run.steps
    .filter((step) => step.state === "running" && step.progress && !known.has(step.name))
    .map((step) => ({
      name: step.name,
      state: "preparing" as const,
      version: "",
      address: null,
      reason: null,
      since: run.startedAt,
      memory: null,
      cpu: null,
      progress: step.progress,
      processes: [],
    }));
}

/** Components that the last run could not bring up, so that no process of theirs is known. */
function notMade(processes: SupervisedProcess[], run: Run | undefined): ComponentStatus[] {
  if (run?.state !== "failed") return [];
  const known = new Set(processes.map((process) => process.component));
  return run.failed
    .filter((name) => !known.has(name))
    .map((name) => ({
      name,
      state: "failed" as const,
      version: "",
      address: null,
      reason: `the last ${run.command} could not bring it up`,
      since: run.endedAt,
      memory: null,
      cpu: null,
      progress: null,
      processes: [],
    }));
}

const states: Record<string, State> = {
  waiting: "waiting",
  starting: "starting",
  ready: "ready",
  unready: "degraded",
  backoff: "failed",
  crashloop: "failed",
  stopping: "stopped",
  stopped: "stopped",
};

function stateOf(word: string): State {
  return states[word] ?? "unknown";
}

/** Worst first; `stopped` is somebody's wish and worse only than ready. */
const severity: State[] = ["failed", "degraded", "unknown", "starting", "preparing", "waiting", "stopped", "ready"];

function worst(found: State[]): State {
  return severity.find((state) => found.includes(state)) ?? "unknown";
}

function told(process: SupervisedProcess): ProcessState {
  const { name, state, version, since, restarts, ports } = process;
  return {
    name,
    state,
    version,
    since,
    restarts,
    ports,
    pid: process.pid ?? null,
    reason: process.reason ?? null,
    memory: process.rss ?? null,
    cpu: process.cpu === undefined || process.cpu === null ? null : round(process.cpu),
  };
}

function total(values: (number | null | undefined)[]): number | null {
  const known = values.filter((value) => typeof value === "number");
  return known.length === 0 ? null : round(known.reduce((sum, value) => sum + value, 0));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
