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
 * Characters. `aim` is what the local model reads at once (256 tokens) with a heading; examples of code are kept whole up
 * to `whole`.
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
export function inContext({ heading, content }: Pick<Piece, "heading" | "content">, source?: string): string {
  return `${source ? `${source} › ` : ""}${heading}\n\n${content}`;
}

/** Roughly: four characters a token, as in English and in code. */
export function tokensOf(text: string): number {
  return Math.ceil(text.length / 4);
}

function headingOf(title: string, path: readonly string[]): string {
  const parts = path[0] === title ? path : [title, ...path];
  return parts.filter(Boolean).join(" › ").slice(0, sizes.heading);
}

/** Puts what follows each other under one heading together until it is as long as it should be. */
function gather(blocks: readonly Block[]): Block[] {
  const pieces: Block[] = [];
  for (const block of blocks) {
    const last = pieces.at(-1);
    if (last && belongs(last, block)) {
      last.text += `\n\n${block.text}`;
      last.lines = { first: last.lines.first, last: block.lines.last };
      if (block.kind !== "prose") last.kind = block.kind;
    } else pieces.push({ ...block });
  }
  return pieces;
}

function belongs(piece: Block, block: Block): boolean {
  if (piece.path.join("\n") !== block.path.join("\n")) return false;
  const length = piece.text.length + block.text.length;
  // An example stays with the sentence that introduces it, even if that makes a long piece.
  if (block.kind === "code" && piece.kind === "prose" && piece.text.length < sizes.aim / 2)
    return length <= sizes.whole;
  return length <= sizes.aim;
}

/** Cuts a block that is too long: code at blank lines, rows below the head of their table, prose at sentences. */
function split(block: Block): Block[] {
  const limit = block.kind === "code" ? sizes.whole : sizes.most;
  if (block.text.length <= limit) return [block];
  const lines = block.text.split("\n").flatMap((text, at) => cutLine(text, limit).map((part) => ({ text: part, at })));
  const opening = block.kind === "table" ? block.text.split("\n").slice(0, 2).join("\n") : undefined;
  const parts: Block[] = [];
  let begun = 0;
  while (begun < lines.length) {
    const end = endOf(lines, begun, block.kind === "code" ? sizes.whole : sizes.aim, block.kind);
    const part = lines.slice(begun, end);
    const text = part.map((line) => line.text).join("\n");
    const withHead = opening && parts.length > 0 && opening.length < sizes.aim / 2 ? `${opening}\n${text}` : text;
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
    length += (lines[at]?.text.length ?? 0) + 1;
    if (length > limit && at > from) return best > from ? best : at;
    const good =
      kind === "table" || lines[at]?.text.trim() === "" || (kind === "prose" && /[.!?:;]$/.test(lines[at]?.text ?? ""));
    if (good && length > limit / 3) best = at + 1;
  }
  return lines.length;
}

/** A line longer than a piece, as minified code and unwrapped prose have, is cut at sentences, then anywhere. */
function cutLine(line: string, limit: number): string[] {
  if (line.length <= limit) return [line];
  const parts: string[] = [];
  let rest = line;
  while (rest.length > limit) {
    const window = rest.slice(0, sizes.aim);
    const sentence = Math.max(...[". ", "? ", "! ", "; ", ", "].map((end) => window.lastIndexOf(end) + 1));
    const at = sentence > sizes.aim / 3 ? sentence : Math.max(window.lastIndexOf(" "), 0) || sizes.aim;
    parts.push(rest.slice(0, at).trimEnd());
    rest = rest.slice(at).trimStart();
  }
  return [...parts, rest];
}
