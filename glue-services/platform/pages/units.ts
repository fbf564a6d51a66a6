/** 1536 → "1.5 KiB"; whole numbers from 100 on. */
export function bytes(count: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const at = count < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(count) / 10));
  const value = count / 1024 ** at;
  return `${value >= 100 || at === 0 ? Math.round(value) : value.toFixed(1)} ${units[at]}`;
}

/** 75 → "1 min 15 s": the two largest units, for how long something has been so. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const units = [
    [86_400, "d"],
    [3600, "h"],
    [60, "min"],
    [1, "s"],
  ] as const;
  const first = Math.max(
    0,
    units.findIndex(([size]) => whole >= size),
  );
  if (whole === 0) return "0 s";
  const parts = units.slice(first, first + 2).map(([size, name], at, [head]) => {
    const rest = at === 0 ? whole : whole % (head?.[0] ?? 1);
    return [Math.floor(rest / size), name] as const;
  });
  return parts
    .filter(([count]) => count > 0)
    .map(([count, name]) => `${count} ${name}`)
    .join(" ");
}
