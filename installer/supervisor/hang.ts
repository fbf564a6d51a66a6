import { setTimeout as sleep } from "node:timers/promises";
import { type Identity, lookAt } from "./process-table.ts";

/** Why a process will not answer by itself: somebody stopped it, it waits without end, or it computes without end. */
export type Hang = "stopped" | "waits" | "spins";

/** What a process is found to do, one letter as `ps` tells it, and the seconds of processor time it has had so far. */
export interface Look {
  state: string;
  cpu: number;
}

/** What is too much of nothing and of something. */
export interface Limits {
  /** Looks in a row, a quarter of a second apart, at which it does nothing. */
  idle: number;
  /** Seconds of processor time. */
  busy: number;
}

/**
 * Tells what hangs from what is slow, by what the process does and not by the time that passes: on a machine that is
 * busy with something else an answer takes as long as it takes. Slow is what wants the processor and does not get it
 * (`R`), or waits for the disk (`D`, on macOS `U`).
 *
 * @param looks Since the question was asked, oldest first.
 */
export function hangOf(looks: readonly Look[], { idle, busy }: Limits): Hang | undefined {
  const [first, last] = [looks.at(0), looks.at(-1)];
  if (!first || !last) return undefined;
  if (last.cpu - first.cpu >= busy) return "spins";
  const recent = looks.slice(-idle);
  if (recent.length < idle) return undefined;
  if (recent.every(({ state }) => /[Tt]/.test(state))) return "stopped";
  return recent.every(({ state, cpu }) => /[SI]/.test(state) && cpu === last.cpu) ? "waits" : undefined;
}

/** Resolves when the process hangs, rejects when it is aborted. One that is not known counts as one that waits. */
export async function watchForHang(
  process: () => Identity | undefined,
  limits: Limits,
  signal: AbortSignal,
): Promise<Hang> {
  const looks: Look[] = [];
  for (;;) {
    await sleep(pause, undefined, { signal });
    const known = process();
    const { state, cpu } = (known && (await lookAt(known))) ?? { state: "S", cpu: 0 };
    looks.push({ state, cpu });
    const hang = hangOf(looks, limits);
    if (hang) return hang;
  }
}

/** Milliseconds between two looks. */
const pause = 250;
