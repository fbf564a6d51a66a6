import type { ReactNode } from "react";
import { fencesOf } from "./fences.ts";
import { Passage } from "./passage.tsx";
import type { SearchTold } from "./queries.ts";

type Found = SearchTold["hits"][number];

/** A passage that was found: the part of it that has the words, and by what it was found. */
export function Hit({ hit: { heading, kind, snippet, citation, ranks } }: { hit: Found }) {
  return (
    <Passage
      heading={heading}
      citation={citation}
      text={marked(snippet.text, snippet.marks)}
      code={kind !== "prose"}
      found={placed(ranks)}
    />
  );
}

function placed({ words, vector }: Found["ranks"]): string {
  if (words && vector) return "found by its words and its meaning";
  return words ? "found by its words" : "found by its meaning";
}

/** The words that were searched for are marked; the fences of code blocks are left out. */
function marked(text: string, marks: readonly (readonly number[])[]): ReactNode[] {
  const parts: ReactNode[] = [];
  let at = 0;
  const pass = (to: number) => {
    for (const [from, until] of fencesOf(text)) {
      if (from < at || until > to) continue;
      parts.push(text.slice(at, from));
      at = until;
    }
    if (to > at) parts.push(text.slice(at, to));
    at = Math.max(at, to);
  };
  for (const [from = 0, to = 0] of marks) {
    if (from < at) continue;
    pass(from);
    parts.push(<mark key={from}>{text.slice(from, to)}</mark>);
    at = to;
  }
  pass(text.length);
  return parts;
}
