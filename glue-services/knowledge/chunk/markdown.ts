import MarkdownIt, { type Token } from "markdown-it";
import type { Block } from "./chunk.ts";

/** Where blocks are is all that is asked for: what a paragraph says within is not taken apart. */
const parser = new MarkdownIt({ html: true }).disable("inline");
/** Characters that are parsed at once: of a list of short lines the parser makes a thousand times as many bytes. */
const window = 50_000;

interface Heading {
  level: number;
  text: string;
  lines: { first: number; last: number };
  raw: string;
}

/** Blocks of a Markdown text with the headings above them. Plain text has paragraphs and no headings. */
export function cutMarkdown(content: string, form: "markdown" | "text"): Block[] {
  const lines = content.split("\n");
  if (form === "text") return paragraphs(lines, 0, lines.length, []);
  const blocks: Block[] = [];
  const path: Heading[] = [];
  /** Lines up to here are in a block, or say nothing. */
  let told = frontLines(content);
  const names = () => path.map(({ text }) => text);
  /** What the parser makes no block of, as the addresses that links refer to. */
  const rest = (to: number) => {
    for (const block of paragraphs(lines, told, to, names())) blocks.push(block);
  };
  /** A heading with nothing below it is all that is said there. */
  const bare = () => {
    const last = path.at(-1);
    if (!last || (blocks.at(-1)?.lines.first ?? 0) > last.lines.first) return;
    blocks.push({ kind: "prose", path: names().slice(0, -1), lines: last.lines, text: last.raw });
  };
  for (const { from, to } of windows(lines, told)) {
    for (const { type, tag, content: text, map } of outermost(lines.slice(from, to).join("\n"))) {
      const [first, end] = [from + (map?.[0] ?? 0), from + (map?.[1] ?? 0)];
      rest(first);
      const raw = lines.slice(first, end).join("\n").trimEnd();
      const span = { first: first + 1, last: first + raw.split("\n").length };
      told = end;
      if (type === "heading_open") {
        const level = Number(tag.slice(1));
        if ((path.at(-1)?.level ?? 0) >= level) bare();
        while ((path.at(-1)?.level ?? 0) >= level) path.pop();
        path.push({ level, text: plain(text), lines: span, raw });
      } else if (raw.trim() !== "" && type !== "hr") {
        blocks.push({ kind: kindOf(type), path: names(), lines: span, text: raw });
      }
    }
  }
  rest(lines.length);
  bare();
  return blocks;
}

/** Tokens of the outermost blocks; a heading's has its text. */
function* outermost(text: string): Generator<Token> {
  const tokens = parser.parse(text, {});
  for (const [at, token] of tokens.entries()) {
    if (!token.map || token.level !== 0 || token.nesting < 0) continue;
    if (token.type === "heading_open") token.content = tokens[at + 1]?.content ?? "";
    yield token;
  }
}

function kindOf(type: string): Block["kind"] {
  if (type === "fence" || type === "code_block") return "code";
  return type === "table_open" ? "table" : "prose";
}

/** Parts of a long text, which end where a block does as far as that can be seen from the line: never in a fence. */
function* windows(lines: readonly string[], from: number): Generator<{ from: number; to: number }> {
  let begun = from;
  let length = 0;
  let fence: string | undefined;
  for (let at = from; at < lines.length; at++) {
    const line = lines[at] ?? "";
    length += line.length + 1;
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (mark && fence === undefined) fence = mark;
    else if (mark && fence && mark.startsWith(fence) && line.trim() === mark) fence = undefined;
    if (length < window || fence !== undefined) continue;
    if (line.trim() !== "" && length < window * 1.3) continue;
    yield { from: begun, to: at + 1 };
    [begun, length] = [at + 1, 0];
  }
  yield { from: begun, to: lines.length };
}

/** Lines of front matter, which says nothing to readers. */
function frontLines(content: string): number {
  const front = /^---\n[\s\S]{0,5000}?\n---\n/.exec(content)?.[0] ?? "";
  return front.split("\n").length - 1;
}

function plain(text: string): string {
  return text
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/[*_`]|<[^>]+>/g, "")
    .replace(/\s*\{#.*\}\s*$/, "")
    .trim();
}

/** Runs of lines between blank ones. */
function paragraphs(lines: readonly string[], from: number, to: number, path: readonly string[]): Block[] {
  const blocks: Block[] = [];
  let begun: number | undefined;
  for (let at = from; at <= to; at++) {
    if (at < to && lines[at]?.trim() !== "") begun ??= at;
    else if (begun !== undefined) {
      const text = lines.slice(begun, at).join("\n");
      blocks.push({ kind: "prose", path, lines: { first: begun + 1, last: at }, text });
      begun = undefined;
    }
  }
  return blocks;
}
