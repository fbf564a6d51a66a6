import type { Run } from "../schemas.ts";
import { readRun, runIds } from "./read.ts";

/** The run under way, else the last one, with the steps that have begun, in the order in which they did; undefined when there was none. */
export async function lastRun(folder: string | undefined): Promise<Run | undefined> {
  const [id = ""] = await runIds(folder);
  const run = await readRun(folder, id);
  if (!run) return undefined;
  const { command, state, startedAt, endedAt, components } = run;
  const steps = components
    .flatMap((component) => component.steps)
    .toSorted((one, other) => ((one.startedAt ?? "") < (other.startedAt ?? "") ? -1 : 1))
    .flatMap(({ name, state, progress }) =>
      state === "waiting" || state === "unchanged" ? [] : [{ name, state, progress }],
    );
  const failed = components.filter((component) => component.state === "failed").map(({ name }) => name);
  return { id, command, state, startedAt, endedAt, failed, steps };
}
