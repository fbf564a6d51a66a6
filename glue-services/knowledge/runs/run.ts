import { ApiError, addJob, type Job, storableText, type Transaction } from "../../kit/index.ts";
import { noteProblem, summary } from "./problems.ts";

/** One reading of a source. */
export interface Run {
  id: string;
  source: string;
  state: "waiting" | "running" | "done" | "failed" | "cancelled";
}

/** What became of an entry of the frontier. */
export type Outcome = "read" | "unchanged" | "skipped" | "failed";

/** Whoever works on a run that is no longer under way stops by this; it is no failure. */
export class Ended extends Error {}

/** Begins to read a source. @throws ApiError CONFLICT when that is under way already */
export async function beginRun(
  tx: Transaction,
  { read }: { read: Job },
  source: string,
  priority = 0,
): Promise<string> {
  const { rows } = await tx.query<{ id: string }>(
    "insert into run (source_id) values ($1) on conflict (source_id) where state in ('waiting', 'running') do nothing returning id",
    [source],
  );
  const id = rows[0]?.id;
  if (!id) {
    throw new ApiError("CONFLICT", "This source is being read already.", { hint: "Wait for it to end, or cancel it." });
  }
  await addJob(tx, read, { run: id }, { key: id, priority });
  return id;
}

/** Writes down what is to be read; what the run knows already is left out. @returns how many are new */
export async function addToFrontier(
  tx: Transaction,
  run: string,
  entries: readonly { address: string; depth: number }[],
): Promise<number> {
  if (entries.length === 0) return 0;
  const { rowCount } = await tx.query(
    `insert into frontier (run_id, address, depth) select $1, e.* from unnest($2::text[], $3::int[]) e
     on conflict (run_id, md5(address)) do nothing`,
    [run, entries.map(({ address }) => address), entries.map(({ depth }) => depth)],
  );
  const added = rowCount ?? 0;
  if (added > 0) await tx.query("update run set found = found + $2 where id = $1", [run, added]);
  return added;
}

export interface Settled {
  run: string;
  entry: string;
  outcome: Outcome;
  /** Why it was left out or failed. */
  note?: string | undefined;
  /** What of it was lost though it was read. */
  notes?: readonly string[] | undefined;
}

/**
 * Notes what became of an entry, once, in the transaction of what was kept of it.
 *
 * @throws Ended when the run was cancelled or the entry is settled already, so that the transaction is rolled back
 */
export async function settle(tx: Transaction, { run, entry, outcome, note, notes = [] }: Settled): Promise<void> {
  const told = storableText(note ?? notes.join(" "), 1000) || null;
  const { rowCount } = await tx.query("update frontier set state = $2, note = $3 where id = $1 and state = 'waiting'", [
    entry,
    outcome,
    told,
  ]);
  // The column is one of four names, never what somebody sent.
  const counted = await tx.query(`update run set ${outcome} = ${outcome} + 1 where id = $1 and state = 'running'`, [
    run,
  ]);
  if (rowCount === 0 || counted.rowCount === 0) throw new Ended("The run is over, or another host has read this.");
  await noteProblem(tx, { run, entry, outcome, told });
}

/** Ends a run that is under way. @returns whether it was */
export async function endRun(
  tx: Transaction,
  run: string,
  state: "done" | "failed" | "cancelled",
  note?: string,
): Promise<boolean> {
  const told = state === "done" ? [note, await summary(tx, run)].filter(Boolean).join(" ") || undefined : note;
  const { rowCount } = await tx.query(
    `update run set state = $2, note = nullif(concat_ws(' ', case when $2::text = 'done' then note end, $3::text), ''), ended_at = now()
     where id = $1 and state in ('waiting', 'running')`,
    [run, state, told === undefined ? undefined : storableText(told, 1000)],
  );
  return rowCount === 1;
}

/** What only a run under way needs, of runs before this one. */
export async function forgetFormer(tx: Transaction, source: string, run: string): Promise<void> {
  await tx.query("delete from frontier where run_id in (select id from run where source_id = $1 and id <> $2) ", [
    source,
    run,
  ]);
  await tx.query(
    "delete from run where source_id = $1 and id not in (select id from run where source_id = $1 order by created_at desc limit 20)",
    [source],
  );
}
