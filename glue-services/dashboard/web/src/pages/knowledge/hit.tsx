import { Link } from "@tanstack/react-router";
import type { SearchTold } from "./queries.ts";

type Found = SearchTold["hits"][number];

/** A passage: where it stands, and the part of it that has the words. */
export function Hit({ hit }: { hit: Found }) {
  const { heading, kind, snippet, citation, ranks } = hit;
  const { page, source, lines } = citation;
  return (
    <li className="hit">
      <Link
        to="/knowledge/pages/$id"
        params={{ id: page.id }}
        search={{ lines: `${lines.first}-${lines.last}` } as never}
        className="strong"
      >
        {heading}
      </Link>
      <p className={kind === "prose" ? "hit-text" : "hit-text hit-code"}>{marked(snippet.text, snippet.marks)}</p>
      <p className="quiet hit-place">
        {source.name} · <span className="clip">{page.address}</span> · lines {lines.first}–{lines.last} ·{" "}
        {placed(ranks)}
      </p>
    </li>
  );
}

function placed({ words, vector }: Found["ranks"]): string {
  if (words && vector) return `found by words (${words}.) and meaning (${vector}.)`;
  return words ? `found by words (${words}.)` : `found by meaning (${vector}.)`;
}

function marked(text: string, marks: readonly (readonly number[])[]) {
  const parts: React.ReactNode[] = [];
  let at = 0;
  for (const [from = 0, to = 0] of marks) {
    if (from < at) continue;
    parts.push(text.slice(at, from), <mark key={from}>{text.slice(from, to)}</mark>);
    at = to;
  }
  return [...parts, text.slice(at)];
}
