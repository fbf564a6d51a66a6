import type { Tenant } from "../../kit/index.ts";
import type { Generation } from "../embed/generation.ts";
import type { IndexFilter, Scored } from "../index/index.ts";
import type { Knowledge } from "../knowledge.ts";
import type { Hit, SearchAsked, SearchTold } from "../schemas.ts";
import { type Parsed, parse } from "./parse.ts";
import { queryVector } from "./query-vector.ts";
import { rerank } from "./rerank.ts";
import { snippetOf } from "./snippet.ts";

/** Hits a reranking model is shown. */
const shown = 20;

/**
 * Finds pieces by words and meaning. Without a vector of the question, for whatever reason, it goes by words alone and says
 * so: no search waits for a model longer than `patience.embedding`, and none fails for one.
 */
export async function search(
  knowledge: Knowledge,
  tenant: Tenant,
  asked: SearchAsked,
  signal?: AbortSignal,
): Promise<SearchTold> {
  const { q, limit = 8, mode = "hybrid" } = asked;
  const parsed = parse(q, asked.operators);
  const [sources, vector] = await Promise.all([
    sourcesOf(knowledge, tenant, asked),
    mode === "words" ? undefined : queryVector(knowledge, tenant, parsed.words, signal),
  ]);
  const vectorsUsed = vector?.found !== undefined;
  if (sources?.length === 0) return { hits: [], vectorsUsed };
  const filter: IndexFilter = { sources, kinds: asked.kind, prefix: asked.prefix };
  const byWords = mode === "vector" && vectorsUsed ? { words: "", must: [], never: [] } : parsed;
  const found = await knowledge.index.search(tenant, {
    ...byWords,
    // Who asks for the nearest gets them, however far; who asks a question gets what has to do with it.
    vector: vector?.found && {
      ...vector.found,
      ...(mode !== "vector" && { within: vector.found.generation.unrelated ?? undefined }),
    },
    filter,
    limit: asked.rerank ? Math.max(shown, limit) : limit,
  });
  if (mode === "hybrid" && hasNothingToDo(found.scored, vector?.found?.generation)) {
    return { hits: [], vectorsUsed, note: nothing };
  }
  let hits = (await read(knowledge, tenant, found.scored, parsed)).filter((hit) => allowed(hit, parsed));
  const notes = [vector?.note, found.note];
  if (asked.rerank && hits.length > 1) {
    const ordered = await rerank(knowledge, tenant, q, hits.slice(0, shown), signal);
    hits = ordered.hits;
    notes.push(ordered.note);
  }
  const note = notes.filter(Boolean).join(" ");
  return { hits: hits.slice(0, limit), vectorsUsed, ...(note && { note }) };
}

const nothing =
  "Nothing here has to do with this, as far as words and meaning tell. mode=vector answers what is nearest.";

/** Whether no word of the question is anywhere, and nothing is nearer than what has nothing to do with it. */
function hasNothingToDo(scored: readonly Scored[], generation: Generation | undefined): boolean {
  const { related } = generation ?? {};
  if (related === undefined || related === null) return false;
  return scored.every(({ words, similarity = -1 }) => words === undefined && similarity < 1 - related);
}

/** Vectors know no exact conditions, so what they found is held to them too. */
function allowed({ content, heading }: Hit, { must, never }: Parsed): boolean {
  const text = `${heading}\n${content}`.toLowerCase().replace(/\s+/g, " ");
  const has = (phrase: string) => text.includes(phrase.toLowerCase().replace(/\s+/g, " "));
  return must.every(has) && !never.some(has);
}

/** Ids of the sources a search is limited to; undefined: all. */
async function sourcesOf({ database }: Knowledge, tenant: Tenant, asked: SearchAsked): Promise<string[] | undefined> {
  const { source, tag, project } = asked;
  if (!source && !tag && !project) return undefined;
  const { rows } = await database.query<{ id: string }>(tenant, {
    name: "knowledge.limit",
    text: `select id from source s where ($1::uuid[] is null or id = any ($1)) and ($2::text[] is null or tags && $2)
      and ($3::uuid is null or exists (select from project_source p where p.source_id = s.id and p.project_id = $3))`,
    values: [source ?? null, tag ?? null, project ?? null],
  });
  return rows.map(({ id }) => id);
}

interface Row {
  chunk: string;
  kind: string;
  heading: string;
  content: string;
  first: number;
  last: number;
  page: string;
  title: string;
  address: string;
  source: string;
  name: string;
  sourceKind: string;
}

async function read(
  { database }: Knowledge,
  tenant: Tenant,
  scored: readonly Scored[],
  { words, must }: Parsed,
): Promise<Hit[]> {
  if (scored.length === 0) return [];
  const { rows } = await database.query<Row>(tenant, {
    name: "knowledge.read-chunks",
    text: `select c.id as chunk, c.kind, c.heading, c.content, c.first_line as first, c.last_line as last, p.id as page,
        p.title, p.address, s.id as source, s.name, s.kind as "sourceKind"
      from chunk c join page p on p.id = c.page_id join source s on s.id = c.source_id where c.id = any ($1)`,
    values: [scored.map(({ chunk }) => chunk)],
  });
  const known = new Map(rows.map((row) => [row.chunk, row]));
  return scored.flatMap(({ chunk, score, words: byWords, vector }) => {
    const row = known.get(chunk);
    if (!row) return [];
    const { kind, heading, content, first, last } = row;
    return {
      chunk,
      kind,
      heading,
      content,
      snippet: snippetOf(content, [words, ...must].join(" ")),
      citation: {
        source: { id: row.source, name: row.name, kind: row.sourceKind },
        page: { id: row.page, title: row.title, address: row.address },
        lines: { first, last },
      },
      score,
      ranks: { ...(byWords && { words: byWords }), ...(vector && { vector }) },
    };
  });
}
