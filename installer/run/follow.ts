import { open } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import type { RunEvent } from "./event.ts";
import { isAlive, type RunFolder, type RunOutcome, readOutcome } from "./run.ts";

export type Followed =
  | { kind: "event"; event: RunEvent }
  /** Nothing new for now: time to draw the spinner again. */
  | { kind: "idle" }
  /** The last one. Without an outcome the runner died; `up` resumes. */
  | { kind: "end"; outcome: RunOutcome | undefined };

const interval = 100;

/**
 * Everything that happened in a run and everything that happens from now on, until it ends. Reads the file the runner
 * appends to, so any number of terminals can follow, and one that goes away holds up nothing.
 * @param signal stops following, not the run.
 */
export async function* follow(run: RunFolder, signal?: AbortSignal): AsyncGenerator<Followed> {
  const read = tail(run.events);
  while (!signal?.aborted) {
    // The outcome is written after the last event, so it is looked for before the events are read.
    const outcome = await readOutcome(run);
    const gone = outcome === undefined && !(await isAlive(run)) && (await readOutcome(run)) === undefined;
    for (const event of await read()) yield { kind: "event", event };
    if (outcome || gone) {
      yield { kind: "end", outcome };
      return;
    }
    yield { kind: "idle" };
    await pause(interval, undefined, { ...(signal && { signal }) }).catch(() => {});
  }
}

/** What happened so far. */
export async function history(run: RunFolder): Promise<RunEvent[]> {
  return tail(run.events)();
}

/** Answers the complete lines that were added since it was last called; half a line waits for its end. */
function tail(path: string): () => Promise<RunEvent[]> {
  let position = 0;
  let rest = Buffer.alloc(0);
  return async () => {
    const file = await open(path, "r").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    });
    if (!file) return [];
    await using _closing = file;
    const { size } = await file.stat();
    const added = Buffer.alloc(Math.max(0, size - position));
    const { bytesRead } = await file.read(added, 0, added.length, position);
    position += bytesRead;
    const data = Buffer.concat([rest, added.subarray(0, bytesRead)]);
    const end = data.lastIndexOf(10) + 1;
    rest = data.subarray(end);
    return data
      .subarray(0, end)
      .toString("utf8")
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as RunEvent);
  };
}
