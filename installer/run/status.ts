import type { Progress } from "../../components/provider/host.ts";
import type { ProcessStatus } from "../../components/provider/process.ts";
import { byComponent, type ComponentProgress } from "./components.ts";
import type { RunEvent } from "./event.ts";
import type { RunOutcome, RunRequest } from "./run.ts";
import { summary } from "./summary.ts";
import { interruption } from "./translate.ts";

export type State = "ready" | "preparing" | "starting" | "waiting" | "unready" | "failed" | "skipped" | "stopped";

export interface ComponentStatus {
  name: string;
  state: State;
  version: string | undefined;
  /** Where people open it. */
  url: string | undefined;
  /** Why it is not ready, in one sentence. */
  reason: string | undefined;
  /** preparing: how far. */
  progress: Progress | undefined;
  /** Resident bytes and percent of one core, of all its processes. */
  memory: number | undefined;
  cpu: number | undefined;
  processes: ProcessStatus[];
}

export interface StackStatus {
  stack: string;
  /** ready: everything that belongs to the stack serves. */
  state: State;
  components: ComponentStatus[];
  /** The run under way or, without one, the last one. */
  run: { id: string; state: "running" | "died" | RunOutcome["status"]; error: RunOutcome["error"] } | undefined;
  memory: number;
  /** Operating-system processes. */
  processes: number;
}

export interface StatusInput {
  stack: string;
  /** Empty when no supervisor runs. */
  processes: ProcessStatus[];
  /** Component to the address people open. */
  addresses: Record<string, string>;
  run: { request: RunRequest; events: RunEvent[]; outcome: RunOutcome | undefined; live: boolean } | undefined;
}

/** How a stack is: what the supervisor says of its processes, and what the last run says of what has none (yet). */
export function statusOf(input: StatusInput): StackStatus {
  const { stack, processes, run } = input;
  const worked = run ? progressOf(run.request, run.events) : [];
  const groups = Map.groupBy(processes, ({ component }) => component);
  const names = [...new Set([...worked.map(({ name }) => name), ...groups.keys()])];
  const components = names
    .map((name) => {
      const work = worked.find((component) => component.name === name);
      return componentStatus(name, groups.get(name) ?? [], work, input);
    })
    .filter((component) => component !== undefined);
  return {
    stack,
    state: worst(components.map(({ state }) => state)),
    components,
    run: run && {
      id: run.request.id,
      state: run.outcome?.status ?? (run.live ? "running" : "died"),
      error: run.outcome?.error,
    },
    memory: sum(processes.map(({ rss }) => rss)) ?? 0,
    processes: processes.reduce((total, process) => total + process.processes, 0),
  };
}

function componentStatus(
  name: string,
  processes: ProcessStatus[],
  work: ComponentProgress | undefined,
  { addresses, run }: StatusInput,
): ComponentStatus | undefined {
  if (work?.state === "removed" && processes.length === 0) return undefined;
  const state = stateOf(processes, work, run?.live ?? false);
  const troubled = processes.find((process) => process.reason !== undefined && process.state !== "ready");
  return {
    name,
    state,
    version: processes[0]?.version ?? work?.version,
    url: addresses[name],
    reason: state === "ready" ? undefined : (troubled?.reason ?? reasonOf(work, state)),
    progress: state === "preparing" ? work?.progress : undefined,
    memory: sum(processes.map(({ rss }) => rss)),
    cpu: sum(processes.map(({ cpu }) => cpu)),
    processes,
  };
}

/** What runs counts more than what a run said; what has no process is what the run made of it. */
function stateOf(processes: ProcessStatus[], work: ComponentProgress | undefined, live: boolean): State {
  const running = processes.map(({ state }) => processStates[state]);
  const unfinished = work && !["ready", "removed", "removing"].includes(work.state) ? (work.state as State) : undefined;
  if (unfinished === "failed" || (unfinished === "skipped" && processes.length === 0)) return unfinished;
  if (unfinished !== undefined && live) return running.length > 0 ? worst([unfinished, ...running]) : unfinished;
  if (running.length > 0) return worst(running);
  return work?.runs === false && work.state === "ready" ? "ready" : "stopped";
}

const processStates: Record<ProcessStatus["state"], State> = {
  waiting: "waiting",
  starting: "starting",
  ready: "ready",
  unready: "unready",
  backoff: "failed",
  crashloop: "failed",
  stopping: "stopped",
  stopped: "stopped",
};

/** Worst first. */
const severity: State[] = ["failed", "unready", "skipped", "stopped", "waiting", "starting", "preparing", "ready"];

function worst(states: State[]): State {
  return severity.find((state) => states.includes(state)) ?? "stopped";
}

function reasonOf(work: ComponentProgress | undefined, state: State): string | undefined {
  if (state === "failed") return work?.error && summary(work.error.message);
  // That the run was interrupted is said once, of the run.
  if (state === "skipped" && !work?.because?.endsWith(interruption)) return `skipped ${work?.because ?? ""}`.trim();
  return undefined;
}

function progressOf(request: RunRequest, events: RunEvent[]): ComponentProgress[] {
  const view = byComponent(request.steps);
  for (const event of events) view.apply(event);
  return view.components();
}

function sum(values: (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : known.reduce((total, value) => total + value, 0);
}
