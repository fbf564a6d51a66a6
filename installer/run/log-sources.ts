import { DevflowError } from "../../components/error.ts";
import type { StackPaths } from "../../components/provider/paths.ts";
import { nearest } from "../../stacks/config/nearest.ts";
import { readRecords } from "../supervisor/records.ts";
import { listRuns } from "./run.ts";

/** What people can ask for by its own name, by its component's or, of several pods, by that of their workload. */
export interface Named {
  name: string;
  component: string;
}

export interface LogSource extends Named {
  log: string;
}

/** The logs of all processes, of the supervisor, and of the last run. */
export async function logSources(paths: StackPaths): Promise<LogSource[]> {
  const processes = readRecords(paths).map(({ spec }) => ({
    name: spec.name,
    component: spec.component,
    log: paths.log(spec.name),
  }));
  const [run] = await listRuns(paths);
  return [
    ...processes,
    { name: "supervisor", component: "supervisor", log: paths.log("supervisor") },
    ...(run ? [{ name: "run", component: "run", log: run.log }] : []),
  ];
}

/**
 * Those that were asked for; without a name those of all processes.
 * @throws DevflowError NOT_FOUND with the nearest name.
 */
export function chosenLogs<Source extends Named>(all: Source[], wanted: string[]): Source[] {
  if (wanted.length === 0) return all.filter(({ name }) => name !== "supervisor" && name !== "run");
  return [...new Set(wanted.flatMap((word) => named(all, word)))];
}

function named<Source extends Named>(all: Source[], word: string): Source[] {
  const found = all.filter(({ name, component }) => [name, component, workloadOf(name)].includes(word));
  if (found.length > 0) return found;
  const names = [...new Set(all.flatMap(({ name, component }) => [component, name]))].sort();
  const near = nearest(word, names);
  throw new DevflowError("NOT_FOUND", `There is no component or process named "${word}".`, {
    hint: `${near ? `Did you mean ${near}? ` : ""}There are: ${names.join(", ")}.`,
  });
}

/** A pod's name without what its set has added: `platform-7d9f8c6b5-x2x4z`, `postgres-1`. */
function workloadOf(pod: string): string {
  return pod.replace(/(-[a-z0-9]{7,10})?-[a-z0-9]{5}$|-\d+$/, "");
}
