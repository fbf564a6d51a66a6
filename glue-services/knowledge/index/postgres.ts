import type { Database, Tenant, Transaction } from "../../kit/index.ts";
import { gramGroupsOf, hasDenseScript } from "../chunk/grams.ts";
import { symbolsOf } from "../chunk/symbols.ts";
import { type Generation, literal, vectorTable } from "../embed/generation.ts";
import { fuse, type Match } from "./fuse.ts";
import type { Entry, Index, IndexQuery } from "./index.ts";
import { nearest } from "./nearest.ts";

/** Chunks each list contributes: enough that what one of them ranks late can still be lifted by the other. */
const depth = 60;
/** Of PostgreSQL's weights D, C, B, A: parts of names, the text, headings, (none). */
const weights = [0.3, 0.6, 1, 1];
/** What a token with signs in it counts, where it stands as it was asked for, and what a part of a word does. */
const counts = { sign: 1, gram: 0.18 };
/** How much a long chunk counts less, 0 to 1. */
const mass = 0.2;

/** Full text and vectors of PostgreSQL, fused by their scores. */
export function postgresIndex(database: Database): Index {
  return {
    async put(tenant, generation, entries) {
      await database.withTenant(tenant, (tx) => putVectors(tx, generation, entries));
    },
    async search(tenant, query) {
      const [words, vector] = await Promise.all([
        byWords(database, tenant, query),
        nearest(database, tenant, query, depth),
      ]);
      const { within } = query.vector ?? {};
      return { scored: fuse({ words, vector, unrelated: within === undefined ? undefined : 1 - within }, query.limit) };
    },
  };
}

/** Keeps vectors; those of chunks that are gone by now are left out. */
export async function putVectors(tx: Transaction, generation: Generation, entries: readonly Entry[]): Promise<void> {
  const values = [
    generation.id,
    entries.map(({ chunk }) => chunk),
    entries.map(({ vector }) => literal(vector)),
    entries.map(({ parts }) => (parts.length > 0 ? `{${parts.map((one) => `"${literal(one)}"`).join(",")}}` : null)),
  ];
  await tx.query({
    name: `knowledge.put ${generation.dimension}`,
    text: `insert into ${vectorTable(generation.dimension)} (generation_id, chunk_id, source_id, embedding, parts)
      select $1, c.id, c.source_id, e.vector::halfvec, e.parts::halfvec[]
      from unnest($2::uuid[], $3::text[], $4::text[]) e(chunk, vector, parts) join chunk c on c.id = e.chunk
      where exists (select from generation g where g.id = $1)
      for key share of c on conflict do nothing`,
    values,
  });
  await tx.query("delete from pending where generation_id = $1 and chunk_id = any ($2)", values.slice(0, 2));
}

async function byWords(
  database: Database,
  tenant: Tenant,
  { words, must, never, filter, limit }: IndexQuery,
): Promise<Match[]> {
  if (words === "" && must.length === 0) return [];
  const signs = symbolsOf(words, 24).map((one) => [one]);
  const grams = gramGroupsOf(words);
  const { rows } = await database.query<Match>(tenant, {
    name: "knowledge.match-words",
    text: `select chunk_id as chunk, score from knowledge.match_words($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    values: [
      words.replaceAll("\u0000", " "),
      [...signs, ...grams].map(allOf),
      [...signs.map(() => counts.sign), ...grams.map(() => counts.gram)],
      must.filter((phrase) => !hasDenseScript(phrase)),
      must.filter(hasDenseScript).map((phrase) => allOf(gramGroupsOf(phrase).flat())),
      never.filter((phrase) => !hasDenseScript(phrase)),
      filter.sources ?? null,
      filter.kinds ?? null,
      filter.prefix ?? null,
      Math.max(depth, limit),
      weights,
      mass,
    ],
  });
  return rows;
}

/** A tsquery of tokens of which a chunk must have each; they are letters and digits. */
function allOf(tokens: readonly string[]): string {
  return tokens.map((token) => `'${token}'`).join(" & ");
}
