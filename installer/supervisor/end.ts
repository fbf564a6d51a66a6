import { setTimeout as sleep } from "node:timers/promises";
import { markedProcesses } from "./marker.ts";
import { family, type Identity, isAlive, processTable } from "./process-table.ts";

/** What must be gone: a process, what it was last seen to have started, and whoever carries its marker if it has one. */
export interface Ending {
  main: Identity;
  known: Identity[];
  marker?: { stack: string; name: string };
}

/** Leftovers of a process that ended by itself get this long (milliseconds) to follow it. */
const leftoverGrace = 2_000;
/** A process that SIGKILL does not end within this time (milliseconds) hangs in the kernel; waiting on is no use. */
const killPatience = 10_000;

/**
 * Asks the main process to stop, waits for it until the deadline (milliseconds), then ends whatever is left of its
 * family by force. Returns when all are gone, so that their ports and files are free; the pids that nothing could end
 * otherwise.
 */
export async function endGracefully(
  ending: Ending,
  stop: { signal: NodeJS.Signals; deadline: number },
): Promise<number[]> {
  const known = family(await processTable(), ending.main, ending.known);
  send(ending.main, stop.signal);
  const deadline = performance.now() + stop.deadline;
  for (let pause = 5; isAlive(ending.main) && performance.now() < deadline; pause = Math.min(pause * 2, 100)) {
    await sleep(Math.min(pause, Math.max(1, deadline - performance.now())));
  }
  return await sweep({ ...ending, known }, isAlive(ending.main) ? 0 : Math.min(leftoverGrace, stop.deadline));
}

/**
 * Ends what a process left behind: SIGTERM, after `grace` milliseconds SIGKILL, again and again until nobody is left,
 * since they may be starting others meanwhile. Returns the pids that nothing could end.
 */
export async function sweep(ending: Ending, grace = leftoverGrace): Promise<number[]> {
  const begin = performance.now();
  const asked = new Set<number>();
  let known = ending.known;
  for (let pause = 5; ; pause = Math.min(pause * 2, 100)) {
    let left: Identity[] = family(await processTable(), ending.main, known);
    // Looking into every environment costs much more than the table: only once the family seems gone.
    if (left.length === 0) left = await marked(ending);
    if (left.length === 0) return [];
    const waited = performance.now() - begin;
    if (waited > grace + killPatience) return left.map(({ pid }) => pid);
    for (const one of left) {
      if (waited >= grace) send(one, "SIGKILL");
      else if (!asked.has(one.pid)) send(one, "SIGTERM");
      asked.add(one.pid);
    }
    known = left;
    await sleep(pause);
  }
}

async function marked({ marker }: Ending): Promise<Identity[]> {
  if (!marker) return [];
  const { stack, name } = marker;
  const found = await markedProcesses(stack);
  return found.filter(({ label }) => label === name || label.startsWith(`${name}/`));
}

/** Sends a signal to exactly this process; fine when it is gone. */
export function send(to: Identity, signal: NodeJS.Signals): void {
  if (!isAlive(to)) return;
  try {
    process.kill(to.pid, signal);
  } catch {
    // Gone between the look and the signal.
  }
}
