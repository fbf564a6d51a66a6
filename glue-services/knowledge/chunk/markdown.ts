import MarkdownIt from "markdown-it";
import type { Block } from "./chunk.ts";

const parser = new MarkdownIt({ html: true });

/** Blocks of a Markdown text with the headings above them. Plain text has paragraphs and no headings. */
export function cutMarkdown(content: string, form: "markdown" | "text"): Block[] {
  const lines = content.split("\n");
  if (form === "text") return paragraphs(lines);
  const path: { level: number; text: string }[] = [];
  const blocks: Block[] = [];
  const tokens = parser.parse(withoutFront(content), {});
  let heading: { level: number } | undefined;
  for (const token of tokens) {
    if (token.type === "heading_open" && token.level === 0) heading = { level: Number(token.tag.slice(1)) };
    else if (token.type === "inline" && heading) {
      while ((path.at(-1)?.level ?? 0) >= heading.level) path.pop();
      path.push({ level: heading.level, text: plain(token.content) });
      heading = undefined;
    } else if (token.map && token.level === 0 && token.nesting >= 0 && token.type !== "heading_open") {
      const [from, to] = token.map;
      const text = lines.slice(from, to).join("\n").trimEnd();
      if (text.trim() === "" || token.type === "hr") continue;
      const kind =
        token.type === "fence" || token.type === "code_block"
          ? "code"
          : token.type === "table_open"
            ? "table"
            : "prose";
      const last = from + text.split("\n").length;
      blocks.push({ kind, path: path.map((one) => one.text), lines: { first: from + 1, last }, text });
    }
  }
  return blocks;
}

/** Front matter says nothing to readers; blank lines in its place keep the numbers of lines. */
function withoutFront(content: string): string {
  return content.replace(/^---\n[\s\S]{0,5000}?\n---\n/, (front) => front.replace(/[^\n]/g, ""));
}

function plain(text: string): string {
  return text
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/[*_`]|<[^>]+>/g, "")
    .replace(/\s*\{#.*\}\s*$/, "")
    .trim();
}

function paragraphs(lines: readonly string[]): Block[] {
  const blocks: Block[] = [];
  let begun: number | undefined;
  for (const [at, line] of [...lines, ""].entries()) {
    if (line.trim() !== "") begun ??= at;
    else if (begun !== undefined) {
      blocks.push({
        kind: "prose",
        path: [],
        lines: { first: begun + 1, last: at },
        text: lines.slice(begun, at).join("\n"),
      });
      begun = undefined;
    }
  }
  return blocks;
}
