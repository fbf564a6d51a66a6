import type { Database, Tenant } from "../../kit/index.ts";
import { type Generation, lockGenerations, vectorTable } from "./generation.ts";

/**
 * Whether a text says something that a vector can stand for. One letter over and over, rules and separators do not; they
 * would only crowd the neighbourhood in which others are looked for.
 */
export function saysSomething(content: string): boolean {
  const different = new Set<string>();
  for (const [character] of content.matchAll(/[\p{L}\p{N}]/gu)) {
    if (different.add(character.toLowerCase()).size > 2) return true;
  }
  // A short one may still be a word: 税, Go, C#.
  return different.size > 0 && content.trim().length <= 40;
}

/**
 * Takes what needs no vector of its own off the waiting list: of the equal chunks of a source one is embedded, the others
 * would answer the same questions with the same words.
 */
export async function dropTwins(database: Database, tenant: Tenant, { id, dimension }: Generation): Promise<void> {
  const drop = {
    name: `knowledge.drop-twins ${dimension}`,
    text: `delete from pending p using (
        select p.chunk_id, row_number() over (partition by c.source_id, c.hash order by p.refused, p.chunk_id) as place,
          exists (
            select from chunk t join ${vectorTable(dimension)} v on v.chunk_id = t.id and v.generation_id = $1
            where t.source_id = c.source_id and t.hash = c.hash
          ) as there
        from pending p join chunk c on c.id = p.chunk_id where p.generation_id = $1
      ) w where p.generation_id = $1 and p.chunk_id = w.chunk_id and (w.place > 1 or w.there)`,
    values: [id],
  };
  await database.withTenant(tenant, async (tx) => {
    // Not while a twin that has a vector is being deleted: another is put on the list in its place.
    await lockGenerations(tx, tenant, "alone");
    await tx.query(drop);
  });
}

/** Takes chunks off the waiting list that get no vector. */
export async function dropPending(
  database: Database,
  tenant: Tenant,
  { id }: Generation,
  chunks: readonly string[],
): Promise<void> {
  await database.query(tenant, {
    name: "knowledge.drop-pending",
    text: "delete from pending where generation_id = $1 and chunk_id = any ($2)",
    values: [id, chunks],
  });
}
