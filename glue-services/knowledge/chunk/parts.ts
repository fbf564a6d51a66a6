import type { Piece } from "./chunk.ts";

/** Characters from which on a sentence stands by itself, those of a part at most, and parts of one piece. */
const [shortest, longest, most] = [25, 400, 24];

/**
 * What a piece says, one thing at a time: its sentences, items of lists, rows of tables, comments of code. A question is
 * answered by one of them, which the mean over the whole piece would drown.
 *
 * @returns nothing for a piece that says one thing
 */
export function partsOf({ kind, content }: Pick<Piece, "kind" | "content">): string[] {
  const said = kind === "code" ? [...blocksOf(content)] : [content];
  const parts = merged(said.flatMap((text) => text.split(boundary).flatMap(sentencesOf)));
  return parts.length > 1 ? parts.slice(0, most) : [];
}

/** Blank lines, and where an item of a list or a row of a table begins. */
const boundary = /\n\s*\n|\n(?=\s*(?:[-*+|>]|\d{1,3}[.)])\s)/;
const sentenceEnd = /(?<=[.!?…؟۔।॥][)"'”»*_`]*)\s+(?=[\p{Lu}\p{Lo}\p{N}`*_"'“«(])|(?<=[。！？][」』”）]*)/u;

function sentencesOf(block: string): string[] {
  // A rule between the head of a table and its rows says nothing.
  if (!/[\p{L}\p{N}]/u.test(block)) return [];
  return block
    .replace(/\s*\n\s*/g, " ")
    .trim()
    .split(sentenceEnd)
    .flatMap((sentence) => (sentence.length <= longest ? [sentence] : windows(sentence)));
}

/** A sentence without an end, as an enumeration or a row of many cells is, at its pauses. */
function windows(text: string): string[] {
  const parts: string[] = [];
  let rest = text;
  while (rest.length > longest) {
    const head = rest.slice(0, longest);
    const at = Math.max(
      head.lastIndexOf("; "),
      head.lastIndexOf(", "),
      head.lastIndexOf(" | "),
      head.lastIndexOf("、"),
    );
    const end = at > longest / 3 ? at + 1 : Math.max(head.lastIndexOf(" "), longest / 2);
    parts.push(rest.slice(0, end));
    rest = rest.slice(end).trimStart();
  }
  return [...parts, rest];
}

/** Comments and what stands below each of them, in the fences of a page or a file of code. */
function* blocksOf(code: string): Generator<string> {
  for (const block of code.split(/\n\s*\n/)) {
    const comment =
      block.match(/\/\*\*?[\s\S]*?\*\/|^[ \t]*(?:\/\/|#|--)[^\n]*(?:\n[ \t]*(?:\/\/|#|--)[^\n]*)*/gm) ?? [];
    for (const one of comment) yield one.replace(/^[ \t]*(?:\/\*\*?|\*\/|\*|\/\/+|#+|--+)[ \t]?|\*\/$/gm, " ");
    yield block;
  }
}

/** What is too short to be understood alone goes with what follows. */
function merged(parts: readonly string[]): string[] {
  const found: string[] = [];
  let short = "";
  for (const part of parts.map((one) => one.trim()).filter(Boolean)) {
    const text = short ? `${short} ${part}` : part;
    short = size(text) < shortest ? text : "";
    if (!short) found.push(text);
  }
  if (short && found.length > 0) found.push(`${found.pop()} ${short}`);
  return found;
}

/** A character of Chinese says as much as three of Latin. */
function size(text: string): number {
  return (
    text.length +
    2 * (text.match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu)?.length ?? 0)
  );
}
