import type { Database, Tenant, Transaction } from "../../../kit/index.ts";
import { lockGenerations, vectorTable } from "../../embed/generation.ts";
import { dimensions, type Passage } from "./document.ts";

/** Seconds a feeder may have changes in hand. It gives up before, so that nobody else's newer word is overtaken. */
export const hold = 60;

/** Chunks of one generation that a feeder has in hand. */
export interface Taken {
  generation: string;
  dimension: number;
  changes: { chunk: string; change: string }[];
}

/** Notes down that chunks are other than the server has them. False: their generation is not mirrored. */
export async function enqueue(tx: Transaction, generation: string, chunks: readonly string[]): Promise<boolean> {
  const { rowCount } = await tx.query({
    name: "knowledge.enqueue",
    text: `insert into unfed (generation_id, chunk_id)
      select m.generation_id, c from mirror m, unnest($2::uuid[]) c where m.generation_id = $1 order by c
      on conflict (generation_id, chunk_id) do update set change = nextval('knowledge.unfed_change')`,
    values: [generation, chunks],
  });
  return Boolean(rowCount);
}

/** Begins to mirror the generations that are not yet: everything they have is noted down as unfed. */
export async function beginMirrors(database: Database, tenant: Tenant): Promise<void> {
  await database.withTenant(tenant, async (tx) => {
    await lockGenerations(tx, tenant, "alone");
    const begun = await tx.query<{ id: string }>(
      `insert into mirror (generation_id, dimension)
       select id, dimension from generation where state <> 'retired' and dimension = any ($1)
       on conflict do nothing returning generation_id as id`,
      [dimensions],
    );
    for (const { id } of begun.rows) await refill(tx, id);
  });
}

/** Of what the server has lost: everything again, and nothing served from there until it is done. */
export async function refill(tx: Transaction, generation: string): Promise<void> {
  await tx.query("update mirror set filled_at = null where generation_id = $1", [generation]);
  await tx.query("insert into unfed (generation_id, chunk_id) select $1, id from chunk on conflict do nothing", [
    generation,
  ]);
}

/** Takes the oldest changes in hand, of one generation. */
export async function take(database: Database, tenant: Tenant, most: number): Promise<Taken | undefined> {
  const { rows } = await database.query<{ chunk: string; change: string; generation: string; dimension: number }>(
    tenant,
    {
      name: "knowledge.take-unfed",
      text: `with head as (
          select u.generation_id from unfed u join generation g on g.id = u.generation_id and g.state <> 'retired'
          where u.taken_until is null or u.taken_until < now() order by g.state desc, u.since limit 1
        ), free as (
          select u.generation_id, u.chunk_id from unfed u join head on head.generation_id = u.generation_id
          where u.taken_until is null or u.taken_until < now() order by u.since limit ${most} for update of u skip locked
        )
        update unfed u set taken_until = now() + interval '${hold} seconds' from free, mirror m
        where u.generation_id = free.generation_id and u.chunk_id = free.chunk_id and m.generation_id = u.generation_id
        returning u.chunk_id as chunk, u.change, u.generation_id as generation, m.dimension`,
    },
  );
  const [first] = rows;
  return first && { generation: first.generation, dimension: first.dimension, changes: rows };
}

/** What PostgreSQL has of them now; what is missing is gone. */
export async function passagesOf(
  database: Database,
  tenant: Tenant,
  { generation, dimension, changes }: Taken,
): Promise<Map<string, Passage>> {
  const { rows } = await database.query<Passage>(tenant, {
    name: `knowledge.passages ${dimension}`,
    text: `select c.id as chunk, c.source_id as source, c.kind, c.heading, c.content, c.identifiers,
        c.language::text as language, p.address, v.embedding::text as vector
      from chunk c join page p on p.id = c.page_id
      left join ${vectorTable(dimension)} v on v.chunk_id = c.id and v.generation_id = $1
      where c.id = any ($2)`,
    values: [generation, changes.map(({ chunk }) => chunk)],
  });
  return new Map(rows.map((row) => [row.chunk, row]));
}

/** Lets go of what is in hand. What changed meanwhile stays, and so does what is not among `done`. */
export async function giveBack(
  database: Database,
  tenant: Tenant,
  { generation, changes }: Taken,
  done: ReadonlySet<string>,
): Promise<void> {
  const fed = changes.filter(({ chunk }) => done.has(chunk));
  const all = changes.map(({ chunk }) => chunk);
  await database.withTenant(tenant, async (tx) => {
    // In one order, as everybody locks them: whoever deletes a source at this moment waits for no circle.
    await tx.query("select from unfed where generation_id = $1 and chunk_id = any ($2) order by chunk_id for update", [
      generation,
      all,
    ]);
    await tx.query(
      `delete from unfed u using unnest($2::uuid[], $3::bigint[]) d(chunk, change)
       where u.generation_id = $1 and u.chunk_id = d.chunk and u.change = d.change`,
      [generation, fed.map(({ chunk }) => chunk), fed.map(({ change }) => change)],
    );
    await tx.query("update unfed set taken_until = null where generation_id = $1 and chunk_id = any ($2)", [
      generation,
      all,
    ]);
  });
}
