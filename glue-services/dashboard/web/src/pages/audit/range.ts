/** Spans of time that lists of what happened are narrowed to, by how they stand in the address. */
export const ranges: { value: string; label: string; hours: number }[] = [
  { value: "1h", label: "Last hour", hours: 1 },
  { value: "24h", label: "Last 24 hours", hours: 24 },
  { value: "7d", label: "Last 7 days", hours: 168 },
  { value: "30d", label: "Last 30 days", hours: 720 },
];

/**
 * From and to as the API takes them. A day is the whole day in the viewer's zone: `to` is the beginning of the next.
 *
 * @param now epoch milliseconds
 */
export function spanOf(
  { range, from, to }: { range: string; from: string; to: string },
  now: number,
): { from?: string; to?: string } {
  if (range === "custom") {
    return { ...(from && { from: startOf(from, 0) }), ...(to && { to: startOf(to, 1) }) };
  }
  const found = ranges.find(({ value }) => value === range);
  return found ? { from: new Date(now - found.hours * 3_600_000).toISOString() } : {};
}

function startOf(day: string, later: number): string {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  return new Date(year, month - 1, date + later).toISOString();
}
