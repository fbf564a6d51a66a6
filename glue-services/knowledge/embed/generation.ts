import type { Database, Tenant, Transaction } from "../../kit/index.ts";
import type { Embeddings } from "./embeddings.ts";

/** All vectors of an organisation by one model. */
export interface Generation {
  id: string;
  model: string;
  dimension: number;
  state: "building" | "serving";
  /** Cosine distance from which on texts have nothing to do with each other; null: not measured yet. */
  unrelated: number | null;
  /** Cosine distance within which a text has to do with a question of which it has no word. */
  related: number | null;
  /** The mean of questions, by which a question is shifted before it is compared; null: not measured. */
  centre: readonly number[] | null;
  /** How its vectors are made. */
  method: number;
}

/** Raised whenever what is embedded of a passage changes: vectors of an older method are made anew beside those that serve. */
const method = 2;

/** What serves searches, and what is being built to replace it. */
export async function liveGenerations(tx: Transaction): Promise<Generation[]> {
  const { rows } = await tx.query<Generation>({
    name: "knowledge.live-generations",
    text: "select id, model, dimension, state, unrelated, related, centre, method from generation where state <> 'retired' order by state desc",
  });
  return rows;
}

/**
 * Makes the organisation's choice of a model what its vectors are made with. A new model begins a generation that is
 * built beside the serving one; the first serves at once.
 *
 * @returns whether something is to be embedded
 */
export async function adoptModel(database: Database, tenant: Tenant, embeddings: Embeddings): Promise<boolean> {
  const { rows } = await database.query<{ model: string }>(tenant, {
    name: "knowledge.embedding-model",
    text: "select embedding_model as model from setting",
  });
  const wanted = rows[0]?.model ?? "embed";
  const { model, vectors } = await embeddings.embed(tenant.organisation, wanted, ["A text to learn the dimension by."]);
  const dimension = vectors[0]?.length ?? 0;
  return database.withTenant(tenant, async (tx) => {
    await lockGenerations(tx, tenant, "alone");
    const live = await liveGenerations(tx);
    const building = live.find(({ state }) => state === "building");
    const serving = live.find(({ state }) => state === "serving");
    const fits = (one: Generation | undefined) =>
      one?.model === model && one.dimension === dimension && one.method === method;
    if (fits(building ?? serving)) return true;
    if (building) await tx.query("update generation set state = 'retired' where id = $1", [building.id]);
    if (fits(serving)) return true;
    await tx.query("select knowledge.make_vectors($1)", [dimension]);
    const begun = await tx.query<{ id: string }>(
      "insert into generation (model, dimension, state, serving_at, method) values ($1, $2, $3, $4, $5) returning id",
      [model, dimension, serving ? "building" : "serving", serving ? null : new Date(), method],
    );
    await tx.query("insert into pending (generation_id, chunk_id, source_id) select $1, id, source_id from chunk", [
      begun.rows[0]?.id,
    ]);
    return true;
  });
}

/**
 * Chunks are written under the shared lock and generations change under the exclusive one, so that no chunk is written
 * for a set of generations that is no longer so.
 */
export async function lockGenerations(
  tx: Transaction,
  { organisation }: Tenant,
  how: "shared" | "alone",
): Promise<void> {
  const lock = how === "shared" ? "pg_advisory_xact_lock_shared" : "pg_advisory_xact_lock";
  await tx.query(`select ${lock}(hashtextextended('knowledge generations ' || $1, 0))`, [organisation]);
}

/** Lets a complete generation serve, in one step. False: something was written meanwhile. */
export async function activate(database: Database, tenant: Tenant, generation: Generation): Promise<boolean> {
  return database.withTenant(tenant, async (tx) => {
    await lockGenerations(tx, tenant, "alone");
    const left = await tx.query("select from pending where generation_id = $1 limit 1", [generation.id]);
    if (left.rowCount) return false;
    const still = await tx.query("select from generation where id = $1 and state = 'building' for update", [
      generation.id,
    ]);
    if (!still.rowCount) return false;
    await tx.query("update generation set state = 'retired' where state = 'serving'");
    await tx.query("update generation set state = 'serving', serving_at = now() where id = $1", [generation.id]);
    return true;
  });
}

/** Deletes what retired generations left, piece by piece. */
export async function clearRetired(database: Database, tenant: Tenant, signal: AbortSignal): Promise<void> {
  const retired = await database.query<Pick<Generation, "id" | "dimension">>(tenant, {
    text: "select id, dimension from generation where state = 'retired'",
  });
  for (const { id, dimension } of retired.rows) {
    const clear = {
      text: `delete from ${vectorTable(dimension)} where (generation_id, chunk_id) in
        (select generation_id, chunk_id from ${vectorTable(dimension)} where generation_id = $1 limit 5000)`,
      values: [id],
    };
    while (!signal.aborted && (await database.query(tenant, clear)).rowCount) {}
    if (!signal.aborted) await database.query(tenant, { text: "delete from generation where id = $1", values: [id] });
  }
}

/** Name of the table of a dimension; a number and nothing else. */
export function vectorTable(dimension: number): string {
  if (!Number.isInteger(dimension)) throw new TypeError("A dimension is a whole number.");
  return `vector_${dimension}`;
}

/** A vector as PostgreSQL reads it. */
export function literal(vector: readonly number[]): string {
  return `[${vector.join(",")}]`;
}
