import type { Progress, Reporting } from "../../components/provider/host.ts";

/** Counts one phase and reports it at most five times a second, with rate and remaining time of the last seconds. */
export interface Meter {
  /** Adds to what is done. */
  add(amount: number, note?: string): void;
  /** Reports the end of the phase. */
  end(): void;
}

export function meter(
  reporting: Reporting,
  phase: string,
  options: { total?: number | undefined; unit?: "bytes" | "steps"; done?: number } = {},
): Meter {
  const { total, unit = "bytes" } = options;
  // Packages differ far more in size than chunks do, so a build looks further back.
  const window = unit === "bytes" ? 5000 : 30_000;
  let done = options.done ?? 0;
  let last = 0;
  const seen: { at: number; done: number }[] = [{ at: Date.now(), done }];

  function show(now: number, note?: string): void {
    last = now;
    seen.push({ at: now, done });
    while (seen.length > 2 && now - (seen[0]?.at ?? now) > window) seen.shift();
    const first = seen[0] ?? { at: now, done };
    const seconds = (now - first.at) / 1000;
    const progress: Progress = { phase, done, unit };
    if (total !== undefined) progress.total = Math.max(total, done);
    if (seconds >= 0.5 && done > first.done) {
      progress.rate = (done - first.done) / seconds;
      if (total !== undefined) progress.eta = Math.max(0, (total - done) / progress.rate);
    }
    if (note !== undefined) progress.note = note;
    reporting.report(progress);
  }

  show(Date.now());
  return {
    add(amount, note) {
      done += amount;
      const now = Date.now();
      if (now - last >= 200) show(now, note);
    },
    end: () => show(Date.now()),
  };
}
