import { stripVTControlCharacters } from "node:util";
import type { Io } from "../commands/command.ts";
import { symbols } from "./symbols.ts";

// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence begins with the control character ESC.
const sequence = /\u001b\[[0-9;]*m/y;

/** Columns a text takes; colours take none. */
export function width(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}

/** Cuts a line to the terminal's width so that it never wraps: a wrapped line cannot be drawn again in place. */
export function fit(io: Pick<Io, "columns" | "env">, line: string): string {
  if (width(line) <= io.columns) return line;
  const { ellipsis } = symbols(io);
  return clip(line, Math.max(0, io.columns - ellipsis.length)) + ellipsis;
}

/** Fills up with spaces to a number of columns. */
export function pad(text: string, columns: number, side: "left" | "right" = "right"): string {
  const spaces = " ".repeat(Math.max(0, columns - width(text)));
  return side === "right" ? text + spaces : spaces + text;
}

/** Breaks a paragraph at spaces; words longer than a line stay whole, since they are paths and addresses to copy. */
export function wrap(text: string, columns: number, indent = ""): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split("\n")) {
    let line = indent;
    for (const word of paragraph.split(" ")) {
      if (line !== indent && width(line) + 1 + width(word) > columns) {
        lines.push(line);
        line = indent;
      }
      line += line === indent ? word : ` ${word}`;
    }
    lines.push(line.trimEnd());
  }
  return lines;
}

/** The first columns of a text with its colours, which are closed if the cut was inside them. */
function clip(line: string, columns: number): string {
  let text = "";
  let taken = 0;
  let coloured = false;
  for (let index = 0; index < line.length && taken < columns; ) {
    sequence.lastIndex = index;
    const code = sequence.exec(line)?.[0];
    const next = code ?? String.fromCodePoint(line.codePointAt(index) ?? 32);
    text += next;
    index += next.length;
    if (code) coloured = true;
    else taken++;
  }
  return coloured ? `${text}\u001b[0m` : text;
}
