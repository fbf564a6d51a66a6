import type { Database, Tenant, Transaction } from "../../kit/index.ts";
import { type Generation, literal, vectorTable } from "../embed/generation.ts";
import { fuse } from "./fuse.ts";
import type { Entry, Index, IndexQuery } from "./index.ts";

/** Chunks each list contributes: enough that what one of them ranks late can still be lifted by the other. */
const depth = 60;
/** Of PostgreSQL's weights D, C, B, A: parts of names, the text, headings, (none). */
const weights = [0.3, 0.6, 1, 1];
/** How much a long chunk counts less, 0 to 1. */
const mass = 0.2;

/** Full text and vectors of PostgreSQL, fused by rank. */
export function postgresIndex(database: Database): Index {
  return {
    async put(tenant, generation, entries) {
      await database.withTenant(tenant, (tx) => putVectors(tx, generation, entries));
    },
    async search(tenant, query) {
      const [words, vector] = await Promise.all([byWords(database, tenant, query), byVector(database, tenant, query)]);
      return { scored: fuse({ words, vector }, query.limit) };
    },
  };
}

/** Keeps vectors; those of chunks that are gone by now are left out. */
export async function putVectors(tx: Transaction, generation: Generation, entries: readonly Entry[]): Promise<void> {
  const values = [generation.id, entries.map(({ chunk }) => chunk), entries.map(({ vector }) => literal(vector))];
  await tx.query({
    name: `knowledge.put ${generation.dimension}`,
    text: `insert into ${vectorTable(generation.dimension)} (generation_id, chunk_id, source_id, embedding)
      select $1, c.id, c.source_id, e.vector::halfvec
      from unnest($2::uuid[], $3::text[]) e(chunk, vector) join chunk c on c.id = e.chunk
      where exists (select from generation g where g.id = $1)
      for key share of c on conflict do nothing`,
    values,
  });
  await tx.query("delete from pending where generation_id = $1 and chunk_id = any ($2)", values.slice(0, 2));
}

async function byWords(database: Database, tenant: Tenant, { words, must, never, filter, limit }: IndexQuery) {
  if (words === "" && must.length === 0) return [];
  const { rows } = await database.query<{ id: string }>(tenant, {
    name: "knowledge.words",
    text: `select chunk_id as id from knowledge.match_terms($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    values: [
      words.replaceAll("\u0000", " "),
      must,
      never,
      filter.sources ?? null,
      filter.kinds ?? null,
      filter.prefix ?? null,
      Math.max(depth, limit),
      weights,
      mass,
    ],
  });
  return rows.map(({ id }) => id);
}

async function byVector(database: Database, tenant: Tenant, { vector, filter, limit }: IndexQuery) {
  if (!vector) return [];
  const { generation, values } = vector;
  const { dimension } = generation;
  const wanted = Math.max(depth, limit);
  const typed = `$1::halfvec(${dimension})`;
  const where = `v.generation_id = $2 and ($3::uuid[] is null or v.source_id = any ($3))
    and ($4::text[] is null or exists (select from chunk c where c.id = v.chunk_id and c.kind = any ($4)))
    and ($5::text is null or exists (
      select from chunk c join page p on p.id = c.page_id where c.id = v.chunk_id and starts_with(p.address, $5)))`;
  const nearest = `order by v.embedding <=> ${typed}`;
  // Above 4000 dimensions the index goes by signs: more than is wanted, the nearest of which are then measured in full.
  const bits = `order by binary_quantize(v.embedding)::bit(${dimension}) <~> binary_quantize(${typed})::bit(${dimension})`;
  const text =
    dimension <= 4000
      ? `select v.chunk_id as id from ${vectorTable(dimension)} v where ${where} ${nearest} limit ${wanted}`
      : `select v.chunk_id as id from (select v.chunk_id, v.embedding from ${vectorTable(dimension)} v
           where ${where} ${bits} limit ${wanted * 8}) v ${nearest} limit ${wanted}`;
  return database.readTenant(tenant, async (tx) => {
    // The index knows nothing of organisations and filters: it goes on until enough of its answers pass them.
    await tx.query(
      "set local hnsw.iterative_scan = strict_order; set local hnsw.ef_search = 100; set local hnsw.max_scan_tuples = 60000",
    );
    const { rows } = await tx.query<{ id: string }>(text, [
      literal(values),
      generation.id,
      filter.sources ?? null,
      filter.kinds ?? null,
      filter.prefix ?? null,
    ]);
    return rows.map(({ id }) => id);
  });
}
