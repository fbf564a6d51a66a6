import type { Pool } from "pg";
import { wake } from "./wake.ts";

export interface DeadLetter {
  id: bigint;
  subscriber: string;
  topic: string;
  key: string;
  organisation: string | null;
  payload: unknown;
  attempts: number;
  /** Why the last attempt failed. */
  error: string;
  emittedAt: Date;
  diedAt: Date;
}

/** Newest first, at most `limit`; `before` is the last id of the former page. Takes the owner's pool. */
export async function listDeadLetters(
  owner: Pool,
  { limit = 50, before, subscriber }: { limit?: number; before?: bigint; subscriber?: string } = {},
): Promise<DeadLetter[]> {
  const { rows } = await owner.query(
    `select l.id, l.subscriber, e.topic, l.key, e.organisation_id as organisation, e.payload, l.attempts, l.error,
       e.emitted_at as "emittedAt", l.died_at as "diedAt"
     from devflow.dead_letter l join devflow.event e on e.id = l.event_id
     where ($1::bigint is null or l.id < $1) and ($2::text is null or l.subscriber = $2)
     order by l.id desc limit $3`,
    [before?.toString(), subscriber, limit],
  );
  return rows.map((row) => ({ ...row, id: BigInt(row.id) }));
}

/** Delivers them anew. They come after events of their key that were delivered meanwhile. @returns how many there were */
export async function retryDeadLetters(owner: Pool, ids: readonly bigint[]): Promise<number> {
  const { rows } = await owner.query<{ revive: number }>("select devflow.revive($1)", [ids.map(String)]);
  wake();
  return rows[0]?.revive ?? 0;
}

/** Forgets them for good. @returns how many there were */
export async function discardDeadLetters(owner: Pool, ids: readonly bigint[]): Promise<number> {
  const { rowCount } = await owner.query("delete from devflow.dead_letter where id = any ($1)", [ids.map(String)]);
  return rowCount ?? 0;
}
