import type { Period } from "../schemas.ts";

/** Start of the period that a moment is in, and of the next one; milliseconds since 1970, in UTC. */
export function periodOf(period: Period, now: number): { start: number; end: number } {
  const minute = 60_000;
  const lengths: Partial<Record<Period, number>> = { minute, hour: 60 * minute, day: 1440 * minute };
  const length = lengths[period];
  if (length) {
    const start = now - (now % length);
    return { start, end: start + length };
  }
  if (period === "ever") return { start: 0, end: Number.POSITIVE_INFINITY };
  const date = new Date(now);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  return { start: Date.UTC(year, month, 1), end: Date.UTC(year, month + 1, 1) };
}
