import type { Database, Tenant, Transaction } from "../../kit/index.ts";
import type { ProblemTold } from "../schemas.ts";

interface Seen {
  run: string;
  entry: string;
  outcome: "read" | "unchanged" | "skipped" | "failed";
  told: string | null;
}

/** Keeps what is wrong with a page or file until it is read without a fault; a page that has not changed keeps its note. */
export async function noteProblem(tx: Transaction, { run, entry, outcome, told }: Seen): Promise<void> {
  if (told === null && outcome === "unchanged") {
    // Perhaps not even sent again: what was lost of it is lost still.
    await tx.query(
      `update problem p set seen_by = r.id from frontier f join run r on r.id = f.run_id
       where f.id = $1 and r.id = $2 and p.source_id = r.source_id and md5(p.address) = md5(f.address)
         and p.kind = 'partial'`,
      [entry, run],
    );
    return;
  }
  if (told === null) {
    await tx.query(
      `delete from problem p using frontier f join run r on r.id = f.run_id
       where f.id = $1 and r.id = $2 and p.source_id = r.source_id and md5(p.address) = md5(f.address)`,
      [entry, run],
    );
    return;
  }
  await tx.query(
    `insert into problem (source_id, address, kind, note, seen_by) select r.source_id, f.address, $3, $4, r.id
     from frontier f join run r on r.id = f.run_id where f.id = $1 and r.id = $2
     on conflict (source_id, md5(address)) do update set kind = excluded.kind, note = excluded.note,
       seen_by = excluded.seen_by, noted_at = now()`,
    [entry, run, outcome === "failed" || outcome === "skipped" ? outcome : "partial", told],
  );
}

/** Forgets what a complete run has not met again. */
export async function forgetProblems(tx: Transaction, source: string, run: string): Promise<void> {
  await tx.query("delete from problem where source_id = $1 and seen_by is distinct from $2", [source, run]);
}

/** What a run left out and why, in a sentence or two; undefined where nothing is to be said. */
export async function summary(tx: Transaction, run: string): Promise<string | undefined> {
  const { rows } = await tx.query<{ state: string; note: string | null; address: string; count: number; all: number }>(
    `select state, note, min(address) as address, count(*)::int as count,
        (select count(*)::int from frontier where run_id = $1 and state in ('read', 'unchanged')) as all
      from frontier where run_id = $1 and note is not null and state <> 'waiting'
      group by state, note order by (state = 'failed') desc, (state = 'skipped') desc, count(*) desc limit 20`,
    [run],
  );
  // Links that lead nowhere and copies are everyday, as long as something was read.
  const told = rows.filter(({ state, all }) => state !== "skipped" || all === 0).slice(0, 3);
  if (told.length === 0) return undefined;
  const parts = told.map(({ note, address, count }) =>
    count === 1 ? (note?.includes(address) ? note : `${address}: ${note}`) : `${count} times: ${note}`,
  );
  return parts.join(" ");
}

export interface ProblemsAsked {
  after?: string | undefined;
  limit?: number | undefined;
  kind?: string | undefined;
}

/** What is wrong with a source's pages or files, in the order of their addresses. */
export async function readProblems(
  database: Database,
  tenant: Tenant,
  source: string,
  { after, limit = 200, kind }: ProblemsAsked = {},
): Promise<ProblemTold[]> {
  const { rows } = await database.query<Omit<ProblemTold, "notedAt"> & { notedAt: Date }>(tenant, {
    name: "knowledge.problems",
    text: `select address, kind, note, noted_at as "notedAt" from problem
      where source_id = $1 and ($2::text is null or address > $2) and ($3::text is null or kind = $3)
      order by address limit $4`,
    values: [source, after, kind, limit],
  });
  return rows.map((row) => ({ ...row, notedAt: row.notedAt.toISOString() }));
}
