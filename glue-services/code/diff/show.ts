import type { DiffFile, DiffLine } from "./parse.ts";

/** A diff as lines for reading: each with its numbers before and after, by which it can be commented on. */
export function showDiff(files: readonly DiffFile[]): string[] {
  return files.flatMap((file) => [title(file), ...file.lines.map(show), ""]);
}

/** How much of each file changed, one a line. */
export function summary(files: readonly DiffFile[]): string[] {
  return files.map((file) => {
    const count = (mark: string) => file.lines.filter((line) => line.mark === mark).length;
    return `${file.change.padEnd(8)} +${count("+")} -${count("-")} ${file.path}`;
  });
}

function title({ path, from, change, binary }: DiffFile): string {
  const moved = from ? ` from ${from}` : "";
  return `=== ${path} (${change}${moved}${binary ? ", no text" : ""})`;
}

function show({ mark, old, new: now, text }: DiffLine): string {
  if (mark === "@") return text;
  const number = (value: number | undefined) => String(value ?? "").padStart(5);
  return `${number(old)} ${number(now)} ${mark}${text}`;
}

/** Ranges of lines that a diff shows of a file, on the side that is asked for, for words. */
export function linesShown(file: DiffFile, side: "old" | "new"): string {
  const ranges: [number, number][] = [];
  for (const line of file.lines) {
    const at = line[side];
    const last = ranges.at(-1);
    if (at === undefined) continue;
    if (last && at === last[1] + 1) last[1] = at;
    else ranges.push([at, at]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(", ");
}
