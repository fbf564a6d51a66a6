import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { SearchTold } from "./queries.ts";

export interface PassageProps {
  /** By which an answer cites it. */
  number?: number;
  heading: string;
  citation: Pick<SearchTold["hits"][number]["citation"], "page" | "source" | "lines">;
  text: ReactNode;
  code?: boolean;
  /** How it was found. */
  found?: string;
}

/** A passage of a source: its heading, which leads to where it stands, its text, and the place. */
export function Passage({ number, heading, citation, text, code = false, found }: PassageProps) {
  const { page, source, lines } = citation;
  const { first, last } = lines;
  return (
    <li className="hit">
      {number !== undefined && <span className="quiet">[{number}] </span>}
      <Link
        to="/knowledge/pages/$id"
        params={{ id: page.id }}
        search={{ lines: `${first}-${last}` } as never}
        className="strong"
      >
        {heading}
      </Link>
      <p className={code ? "hit-text hit-code" : "hit-text"}>{text}</p>
      <p className="quiet hit-place">
        {source.name} · <span className="clip">{page.address}</span> ·{" "}
        {first === last ? `line ${first}` : `lines ${first}–${last}`}
        {found && ` · ${found}`}
      </p>
    </li>
  );
}
