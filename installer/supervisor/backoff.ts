/** How failures of one process went so far. Times are milliseconds of a monotonic clock. */
export interface Failures {
  /** When it exited, within the last minute. */
  exits: number[];
  /** Starts in a row that did not end in a minute of service. */
  inRow: number;
  crashloop: boolean;
}

const first = 500;
const longest = 30_000;
const window = 60_000;
const exitsThatMakeALoop = 5;
const crashloopPause = 60_000;
/** Serving this long makes earlier failures forgotten. */
export const forgetAfter = 60_000;

export function noFailures(): Failures {
  return { exits: [], inRow: 0, crashloop: false };
}

/**
 * What to do after one more exit: the pause doubles from 0.5 to 30 s; five exits within a minute are a crash loop, which
 * is tried again once a minute.
 *
 * @param random 0 to 1: shifts the pause by up to a fifth either way, so that processes do not fall in step.
 */
export function nextTry(before: Failures, now: number, random: number): { failures: Failures; pause: number } {
  const exits = [...before.exits.filter((at) => now - at < window), now];
  const failures = {
    exits,
    inRow: before.inRow + 1,
    crashloop: before.crashloop || exits.length >= exitsThatMakeALoop,
  };
  const pause = failures.crashloop ? crashloopPause : Math.min(first * 2 ** before.inRow, longest);
  return { failures, pause: Math.round(pause * (0.8 + 0.4 * random)) };
}
