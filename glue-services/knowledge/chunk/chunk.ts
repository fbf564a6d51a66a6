import type { ReadText } from "../read/text.ts";
import { cutCode } from "./code.ts";
import { cutMarkdown } from "./markdown.ts";

/** A piece of a page that is found, embedded and cited as one. */
export interface Piece {
  kind: "prose" | "code" | "table";
  /** Where it stands: title, section, subsection. */
  heading: string;
  content: string;
  /** Lines of the page's content, from 1, both included. */
  lines: { first: number; last: number };
}

/** Lines that belong together: a paragraph, a list, a block of code. */
export interface Block {
  kind: Piece["kind"];
  /** Headings above it. */
  path: readonly string[];
  lines: { first: number; last: number };
  text: string;
}

/**
 * Characters of a Latin script. `aim` is about 250 tokens of a model with a heading, half of what the local model reads at
 * once; examples of code are kept whole up to `whole`, and read in parts.
 */
export const sizes = { aim: 900, most: 1400, whole: 6000, heading: 300 };

/** Cuts a page where its structure does. */
export function cut({ title, content, form }: Pick<ReadText, "title" | "content" | "form">): Piece[] {
  const blocks = form === "code" ? cutCode(content) : cutMarkdown(content, form);
  return gather(blocks.flatMap(split)).map((block) => ({
    kind: block.kind,
    heading: headingOf(title, block.path),
    content: block.text,
    lines: block.lines,
  }));
}

/** What the model and the full-text index are given: where the piece stands, then the piece. */
export function inContext({ heading, content }: Pick<Piece, "heading" | "content">): string {
  return `${heading}\n\n${content}`;
}

/** Roughly: four characters a token, as in English and in code, and three for two of Chinese and its like. */
export function tokensOf(text: string): number {
  return Math.ceil(sizeOf(text) / 4);
}

/** Characters, of which one of Chinese, Japanese or Korean says as much, and costs a model as much, as some of Latin. */
export function sizeOf(text: string): number {
  let dense = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    // From Hangul's letters (0x1100) and Chinese radicals (0x2e80) to Hangul's syllables, and forms of full width.
    if ((unit >= 0x1100 && unit < 0x1200) || (unit >= 0x2e80 && unit < 0xd7b0) || (unit >= 0xf900 && unit < 0xfb00))
      dense++;
  }
  return text.length + 1.7 * dense;
}

function headingOf(title: string, path: readonly string[]): string {
  const parts = path[0] === title ? path : [title, ...path];
  return parts.filter(Boolean).join(" › ").slice(0, sizes.heading);
}

/** Puts what follows each other under one heading together until it is as long as it should be. */
function gather(blocks: readonly Block[]): Block[] {
  const pieces: Block[] = [];
  let size = 0;
  for (const block of blocks) {
    const last = pieces.at(-1);
    const more = sizeOf(block.text);
    if (last && belongs(last, block, size, more)) {
      last.text += `\n\n${block.text}`;
      last.lines = { first: last.lines.first, last: block.lines.last };
      if (block.kind !== "prose") last.kind = block.kind;
      size += more + 2;
    } else {
      pieces.push({ ...block });
      size = more;
    }
  }
  return pieces;
}

function belongs(piece: Block, block: Block, size: number, more: number): boolean {
  if (piece.path.join("\n") !== block.path.join("\n")) return false;
  // An example stays with the sentence that introduces it, even if that makes a long piece.
  if (block.kind === "code" && piece.kind === "prose" && size < sizes.aim / 2) return size + more <= sizes.whole;
  return size + more <= sizes.aim;
}

/** Cuts a block that is too long: code at blank lines, rows below the head of their table, prose at sentences. */
function split(block: Block): Block[] {
  const limit = block.kind === "code" ? sizes.whole : sizes.most;
  if (sizeOf(block.text) <= limit) return [block];
  const lines = block.text.split("\n").flatMap((text, at) => cutLine(text, limit).map((part) => ({ text: part, at })));
  const opening = block.kind === "table" ? block.text.split("\n").slice(0, 2).join("\n") : undefined;
  const parts: Block[] = [];
  let begun = 0;
  while (begun < lines.length) {
    const end = endOf(lines, begun, block.kind === "code" ? sizes.whole : sizes.aim, block.kind);
    const part = lines.slice(begun, end);
    const text = part.map((line) => line.text).join("\n");
    const withHead = opening && parts.length > 0 && sizeOf(opening) < sizes.aim / 2 ? `${opening}\n${text}` : text;
    const first = block.lines.first + (part[0]?.at ?? 0);
    if (text.trim()) {
      parts.push({ ...block, text: withHead, lines: { first, last: block.lines.first + (part.at(-1)?.at ?? 0) } });
    }
    begun = end;
  }
  return parts;
}

function endOf(lines: readonly { text: string }[], from: number, limit: number, kind: Piece["kind"]): number {
  let length = 0;
  let best = 0;
  for (let at = from; at < lines.length; at++) {
    length += sizeOf(lines[at]?.text ?? "") + 1;
    if (length > limit && at > from) return best > from ? best : at;
    const good =
      kind === "table" ||
      lines[at]?.text.trim() === "" ||
      (kind === "prose" && /[.!?:;。！？．；：…؟۔।॥።។]$/u.test(lines[at]?.text ?? ""));
    if (good && length > limit / 3) best = at + 1;
  }
  return lines.length;
}

/** Ends of sentences, with the blank that must follow where a script has blanks; of Thai and its like, the blank alone. */
const sentenceEnd =
  /[.?!;…؟۔।॥។።]["'”»)\]]*\s|[。！？；．]["'”」』）]*|(?<=\p{Script=Thai}\p{M}*|\p{Script=Lao}\p{M}*)\s/gu;
const pause = /[,:]\s|[、，：]/gu;

/** A line longer than a piece, as minified code and unwrapped prose have, is cut at sentences, then at words, then anywhere. */
function cutLine(line: string, limit: number): string[] {
  const parts: string[] = [];
  let rest = line;
  // A character is of size one or more, so the beginning tells; a line may be all of a file.
  while (sizeOf(rest.slice(0, limit + 1)) > limit) {
    const window = beginningOf(rest);
    const lastOf = (ends: RegExp) => [...window.matchAll(ends)].at(-1);
    const sentence = [sentenceEnd, pause].map(lastOf).find((end) => end && end.index > window.length / 3);
    const at = sentence ? sentence.index + sentence[0].length : Math.max(window.lastIndexOf(" "), 0) || window.length;
    parts.push(rest.slice(0, at).trimEnd());
    rest = rest.slice(at).trimStart();
  }
  return [...parts, rest];
}

/** As much of a text as makes a piece; a pair of code units stays together. */
function beginningOf(text: string): string {
  let size = 0;
  let at = 0;
  for (const character of text) {
    size += sizeOf(character);
    if (size > sizes.aim) break;
    at += character.length;
  }
  return text.slice(0, at);
}
