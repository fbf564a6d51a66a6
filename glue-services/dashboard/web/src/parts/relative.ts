export function absolute(date: Date): string {
  return date.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "long" });
}

const units = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
] as const;
const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** "just now", "5 minutes ago", "in 3 days". */
export function relative(at: number, now: number): string {
  const seconds = (at - now) / 1000;
  if (Math.abs(seconds) < 10) return "just now";
  // Rounded first: of 23 hours and 50 minutes one says a day, not 24 hours.
  for (const [at, [unit, size]] of units.entries()) {
    const smaller = units[at + 1]?.[1] ?? 1;
    if (Math.round(Math.abs(seconds) / smaller) * smaller >= size)
      return words.format(Math.round(seconds / size), unit);
  }
  return words.format(Math.trunc(seconds), "second");
}
