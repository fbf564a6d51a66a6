import MarkdownIt from "markdown-it";
import { languageOf } from "./language.ts";
import type { ReadText } from "./text.ts";

const parser = new MarkdownIt("commonmark");

/** Markdown as it is, with the title that its front matter or its first heading gives. */
export function readMarkdown(text: string, name: string): ReadText {
  return { title: titleOf(text) ?? name, content: text, form: "markdown", language: languageOf(text) };
}

/** By the parser: a `#` in a fence is no heading, a line with `===` below it is one. */
export function titleOf(text: string): string | undefined {
  const front = /^---\n([\s\S]{0,5000}?)\n---\n/.exec(text);
  const declared = front?.[1] && /^title:\s*["']?(.+?)["']?\s*$/m.exec(front[1])?.[1];
  if (declared) return declared;
  const body = text.slice(front?.[0].length ?? 0, 200_000);
  const tokens = parser.parse(body, {});
  for (const level of ["h1", "h2"]) {
    const at = tokens.findIndex(({ type, tag }) => type === "heading_open" && tag === level);
    const inline = tokens[at + 1];
    const title = (inline?.children ?? []).map(({ type, content }) => (type === "softbreak" ? " " : content)).join("");
    if (at >= 0 && title.trim()) return title.trim();
    if (level === "h1" && tokens.some(({ tag }) => tag === "h1")) break;
  }
  return undefined;
}
