import type { Io } from "../commands/command.ts";
import { wrap } from "./fit.ts";

/** Sentences on stderr, broken to the terminal's width with their commands whole and indented as they begin; nothing with `--json`. */
export function say(io: Pick<Io, "json" | "err" | "columns">, text: string): void {
  if (!io.json)
    io.err(
      `${text
        .split("\n")
        .flatMap((line) => sentence(line, io.columns))
        .join("\n")}\n`,
    );
}

/** One sentence in lines, all indented as it begins. */
export function sentence(line: string, columns: number): string[] {
  const text = line.trimStart();
  return wrap(text, columns, " ".repeat(line.length - text.length));
}
