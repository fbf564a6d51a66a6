import type { Database, Tenant, Transaction } from "../../kit/index.ts";
import { literal, vectorTable } from "../embed/generation.ts";
import type { Match } from "./fuse.ts";
import type { IndexQuery, QueryVector } from "./index.ts";

/**
 * Numbers that are compared one by one rather than by the index: about 50 ms of one core. The index (HNSW) loses its way
 * where many passages are alike, as lines of logs and rows of tables are; an exact scan does not.
 */
const compared = 20_000_000;
/** Above 4000 dimensions the index goes by signs: so many times more than is wanted is then measured in full. */
const bySigns = 8;

/** The chunks nearest to the question, the nearest first, with their cosine similarity. @param depth ids at least, where there are so many */
export async function nearest(
  database: Database,
  tenant: Tenant,
  { vector, filter, limit }: IndexQuery,
  depth: number,
): Promise<Match[]> {
  if (!vector) return [];
  const { generation, values, within } = vector;
  const { dimension } = generation;
  const wanted = Math.max(depth, limit);
  const table = vectorTable(dimension);
  const typed = `$1::halfvec(${dimension})`;
  const where = `v.generation_id = $2 and ($3::uuid[] is null or v.source_id = any ($3))
    and ($4::text[] is null or exists (select from chunk c where c.id = v.chunk_id and c.kind = any ($4)))
    and ($5::text is null or exists (
      select from chunk c join page p on p.id = c.page_id where c.id = v.chunk_id and starts_with(p.address, $5)))`;
  const distance = `v.embedding <=> ${typed}`;
  const bits = `binary_quantize(v.embedding)::bit(${dimension}) <~> binary_quantize(${typed})::bit(${dimension})`;
  return database.readTenant(tenant, async (tx) => {
    const most = Math.floor(compared / dimension);
    const few = (await countUpTo(tx, table, generation.id, filter.sources, most + 1)) <= most;
    let text: string;
    if (few) {
      // An expression that the index is not of: the nearest are found by looking at each.
      text = `select v.chunk_id as id, (${distance})::float8 as distance from ${table} v where ${where}
        order by (${distance}) + 0 limit ${wanted}`;
    } else {
      // The index knows nothing of organisations and filters: it goes on until enough of its answers pass them.
      await tx.query(
        "set local hnsw.iterative_scan = strict_order; set local hnsw.ef_search = 400; set local hnsw.max_scan_tuples = 100000",
      );
      const from =
        dimension <= 4000
          ? `${table} v where ${where}`
          : `(select v.chunk_id, v.embedding from ${table} v where ${where} order by ${bits} limit ${wanted * bySigns}) v`;
      text = `select v.chunk_id as id, (${distance})::float8 as distance from ${from} order by ${distance} limit ${wanted}`;
    }
    const { rows } = await tx.query<{ id: string; distance: number }>(text, [
      literal(values),
      generation.id,
      filter.sources ?? null,
      filter.kinds ?? null,
      filter.prefix ?? null,
    ]);
    // A vector of nothing but zeros is as far from everything as can be: its distance is no number.
    const similarity = (far: number) => (Number.isNaN(far) ? -1 : 1 - far);
    const found = rows
      .filter(({ distance: far }) => within === undefined || far <= within)
      .map(({ id, distance: far }) => ({ chunk: id, score: similarity(far) }));
    return byParts(tx, vector, found);
  });
}

/**
 * Orders passages by what answers best in them as well: a passage is as near as the mean of itself and the nearest thing
 * it says. A long table is about many things, and about each of them only a little.
 */
export async function byParts(
  tx: Transaction,
  { generation, values }: QueryVector,
  found: readonly Match[],
): Promise<Match[]> {
  const { rows } = await tx.query<{ id: string; best: number | null }>({
    name: `knowledge.parts ${generation.dimension}`,
    text: `select v.chunk_id as id, (
        select max(nullif((1 - (part <=> $1::halfvec(${generation.dimension})))::float8, 'NaN')) from unnest(v.parts) part
      ) as best from ${vectorTable(generation.dimension)} v
      where v.generation_id = $2 and v.chunk_id = any ($3) and v.parts is not null`,
    values: [literal(values), generation.id, found.map(({ chunk }) => chunk)],
  });
  const best = new Map(rows.map((row) => [row.id, row.best]));
  return found
    .map(({ chunk, score }) => ({ chunk, score: (score + (best.get(chunk) ?? score)) / 2 }))
    .sort((a, b) => b.score - a.score);
}

/** Vectors of a generation, and of some of its sources, as far as they are counted. */
async function countUpTo(
  tx: Transaction,
  table: string,
  generation: string,
  sources: readonly string[] | undefined,
  most: number,
): Promise<number> {
  const { rows } = await tx.query<{ count: number }>({
    name: `knowledge.count ${table}`,
    text: `select count(*)::int as count from (
      select from ${table} v where v.generation_id = $1 and ($2::uuid[] is null or v.source_id = any ($2)) limit $3) n`,
    values: [generation, sources ?? null, most],
  });
  return rows[0]?.count ?? 0;
}
