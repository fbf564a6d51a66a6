import { type Block, sizes } from "./chunk.ts";

/** What begins a definition in most languages, and its name. */
const definition =
  /^(?:export |default |public |private |protected |static |async |abstract |final |pub(?:\([a-z]+\))? |unsafe |inline |override )*(?:function\*?|class|interface|type|enum|struct|trait|impl|def|fn|func|module|namespace|object|record|const|let|var|message|service|create(?: or replace)? (?:table|function|view)|resource|data) +(?:\([^)]*\) *)?["']?([\w$.-]+)/i;

/** A file of code in pieces that begin where something is defined, with the comments above it. */
export function cutCode(content: string): Block[] {
  const lines = content.split("\n");
  const starts = lines.flatMap((line, at) => (beginsBlock(lines, line, at) ? [at] : []));
  if (starts[0] !== 0) starts.unshift(0);
  const blocks: Block[] = [];
  for (const [index, from] of starts.entries()) {
    const to = starts[index + 1] ?? lines.length;
    const text = lines.slice(from, to).join("\n").trimEnd();
    if (text.trim() === "") continue;
    const name = lines
      .slice(from, to)
      .map((line) => definition.exec(line)?.[1])
      .find(Boolean);
    const block: Block = {
      kind: "code",
      path: name ? [name] : [],
      lines: { first: from + 1, last: from + text.split("\n").length },
      text,
    };
    const last = blocks.at(-1);
    // What is small goes with what is before it: ten constants are one piece.
    if (last && last.text.length + text.length <= sizes.aim) {
      last.text = lines.slice(last.lines.first - 1, block.lines.last).join("\n");
      last.lines.last = block.lines.last;
      const names = [...last.path.flatMap((one) => one.split(", ")), ...block.path];
      last.path = names.length > 0 ? [[...new Set(names)].join(", ")] : [];
    } else blocks.push(block);
  }
  return blocks;
}

/** At the margin, after a blank line; the comment above a definition belongs to it. */
function beginsBlock(lines: readonly string[], line: string, at: number): boolean {
  if (at === 0) return true;
  return /^[^\s})\]]/.test(line) && (lines[at - 1] ?? "").trim() === "";
}
