/** 1536 → "1.5 KiB". Binary units up to TiB; whole numbers from 100 on. */
export function bytes(count: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = Math.max(0, count);
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${value.toFixed(digits).replace(/\.0$/, "")} ${units[unit]}`;
}

/** 0.94 → "0.9 s", 75 → "1 min 15 s", 7_800 → "2 h 10 min": the two largest units. */
export function duration(seconds: number): string {
  const value = Math.max(0, seconds);
  if (value < 9.95) return `${value.toFixed(1)} s`;
  const whole = Math.round(value);
  const units: [number, string][] = [
    [86_400, "d"],
    [3600, "h"],
    [60, "min"],
    [1, "s"],
  ];
  const first = units.findIndex(([size]) => whole >= size);
  const [size, name] = units[first] ?? [1, "s"];
  const [nextSize, nextName] = units[first + 1] ?? [1, ""];
  const rest = Math.floor((whole % size) / nextSize);
  const head = `${Math.floor(whole / size)} ${name}`;
  return rest > 0 && nextName !== "" ? `${head} ${rest} ${nextName}` : head;
}

/** Remaining time, coarse on purpose: an estimate that pretends to be exact jumps about. */
export function about(seconds: number): string {
  if (seconds < 10) return "under 10 s";
  if (seconds < 55) return `about ${Math.ceil(seconds / 10) * 10} s`;
  return seconds < 5400
    ? `about ${Math.max(1, Math.round(seconds / 60))} min`
    : `about ${Math.round(seconds / 3600)} h`;
}

/** `count(1, "process", "processes")` → "1 process". */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}
