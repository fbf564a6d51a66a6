import type { Io } from "../commands/command.ts";
import { fit } from "../terminal/fit.ts";
import { paint } from "../terminal/paint.ts";
import { during } from "../terminal/spinner.ts";
import { apiOf, type Citation, type Input, place, sourceIds, wholeNumber } from "./input.ts";

export interface Found {
  hits: {
    kind: string;
    heading: string;
    content: string;
    snippet: { text: string; marks: [number, number][] };
    citation: Citation;
    score: number;
  }[];
  vectorsUsed: boolean;
  note?: string;
}

/** Prints passages with where they stand; with `--json` each is whole. */
export async function search(input: Input): Promise<Found> {
  const { args, options, io } = input;
  const limit = wholeNumber(options.limit ?? "8", "--limit", 50);
  const api = await apiOf(input);
  const query = new URLSearchParams({
    q: args.join(" "),
    limit: String(limit),
    ...(options.kind && { kind: options.kind }),
  });
  for (const source of await sourceIds(api, options.source)) query.append("source", source);
  for (const tag of options.tag ?? []) query.append("tag", tag);
  const found = await during(io, "Searching", api.call<Found>("GET", `/api/knowledge/search?${query}`));
  if (io.json) return found;
  for (const { heading, snippet, citation } of found.hits) {
    io.out(`${paint(io, "bold", heading || citation.page.title)}\n`);
    io.out(`  ${paint(io, "dim", place(citation))}\n`);
    io.out(`${excerpt(io, snippet)}\n\n`);
  }
  if (found.hits.length === 0) io.err("Nothing was found.\n");
  if (!found.vectorsUsed && !found.note) io.err(`${paint(io, "dim", "Found by words alone: nothing embeds here.")}\n`);
  if (found.note) io.err(`${paint(io, "dim", found.note)}\n`);
  return found;
}

/** A few lines, with what was looked for in bold. */
function excerpt(io: Io, { text, marks }: Found["hits"][number]["snippet"]): string {
  let shown = "";
  let at = 0;
  for (const [from, to] of marks) {
    shown += text.slice(at, from) + paint(io, "bold", text.slice(from, to));
    at = to;
  }
  shown += text.slice(at);
  const lines = shown.split("\n").filter((line) => line.trim() !== "");
  return lines
    .slice(0, 4)
    .map((line) => fit(io, `  ${line}`))
    .join("\n");
}
