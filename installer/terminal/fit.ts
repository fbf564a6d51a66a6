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

/**
 * Breaks paragraphs at spaces. What is there to be copied stays on one line, also where it is longer than one: words
 * (paths and addresses) and commands in backquotes.
 */
export function wrap(text: string, columns: number, indent = ""): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split("\n")) {
    let line = indent;
    for (const word of words(paragraph)) {
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

/** Lines of what to do: prose in which commands stand in backquotes, or a command and nothing else. */
export function wrapAdvice(text: string, columns: number, indent = ""): string[] {
  return text
    .split("\n")
    .flatMap((line) => (isCommand(line) ? command(line, columns, indent) : wrap(line, columns, indent)));
}

/** Prose begins with a capital letter or with a command in backquotes. */
function isCommand(line: string): boolean {
  return /^[a-z./~-]/.test(line);
}

/** A command on a line of its own where its note, which three spaces set off, has no room beside it. */
function command(line: string, columns: number, indent: string): string[] {
  const [first = "", ...notes] = line.split(/ {3}(?=\()/);
  if (notes.length === 0 || width(indent) + width(line) <= columns) return [indent + line];
  return [indent + first, ...wrap(notes.join(" "), columns, indent)];
}

/** At spaces that are outside of backquotes. */
function words(paragraph: string): string[] {
  const bound = paragraph.replace(/`[^`]+`/g, (quoted) => quoted.replaceAll(" ", "\u0000"));
  return bound.split(" ").map((word) => word.replaceAll("\u0000", " "));
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
