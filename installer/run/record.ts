import { appendFileSync } from "node:fs";
import type { RunEvent } from "./event.ts";
import type { RunFolder } from "./run.ts";

const between = 250;

/**
 * Appends a run's events to its file. Progress comes many times a second and only its latest matters, so it is written
 * at most four times a second for each resource; a change of phase is always written.
 */
export function recorder(run: RunFolder): (event: RunEvent) => void {
  const last = new Map<string, { at: number; phase: string }>();
  return (event) => {
    if (event.state === "progress") {
      const before = last.get(event.urn);
      const phase = event.progress?.phase ?? "";
      if (before && before.phase === phase && event.at - before.at < between) return;
      last.set(event.urn, { at: event.at, phase });
    }
    // Synchronous: an event that was reported is in the file before the engine's next effect, whatever happens to us then.
    appendFileSync(run.events, `${JSON.stringify(event)}\n`);
  };
}
