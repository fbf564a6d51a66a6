import { Type } from "typebox";
import { ApiError, addJob, type Job, type JobContext, job, type Tenant, type Transaction } from "../../kit/index.ts";
import type { Knowledge } from "../knowledge.ts";
import type { SourceSettings } from "../schemas.ts";
import { removeUnseen } from "../store/page.ts";
import { forgetProblems } from "./problems.ts";
import { beginRun, Ended, endRun, forgetFormer } from "./run.ts";

/** Milliseconds after which a reading makes room for others and goes on later: a site may take hours. */
const slice = 20_000;
const attempts = 6;

const Payload = Type.Object({ run: Type.String() });

/** What a part of a run knows. */
export interface Reading {
  knowledge: Knowledge;
  tenant: Tenant;
  run: string;
  source: { id: string; kind: string; name: string; address: string | null; settings: SourceSettings };
  /** `performance.now()` when it should stop and go on later. */
  until: number;
  signal: AbortSignal;
  log: JobContext["log"];
}

/** How far a run got: `complete` says that what it has not seen is gone. */
export type Progress =
  | { is: "more"; at?: Date | undefined }
  | { is: "done"; complete: boolean; note?: string | undefined };

/** Reads a source, slice by slice. What it did so far is in the database, so a crash costs the pages in hand. */
export function readJob(knowledge: () => Knowledge): Job {
  const read: Job<typeof Payload> = job({
    name: "knowledge.read",
    payload: Payload,
    attempts,
    async run({ run }, context) {
      const { tenant } = context;
      if (!tenant) return;
      const reading = await begin(knowledge(), tenant, run, context);
      if (!reading) return;
      try {
        await proceed(reading, read);
      } catch (error) {
        if (error instanceof Ended || context.signal.aborted) return goOn(reading, read, { is: "more" });
        const hopeless = error instanceof ApiError && error.code !== "UNAVAILABLE";
        if (!hopeless && context.attempt < attempts) {
          await say(reading, `${(error as Error).message} It is tried again.`);
          throw error;
        }
        await fail(reading, error);
        if (!hopeless) throw error;
      } finally {
        knowledge().tell(tenant, { source: reading.source.id });
      }
    },
  });
  return read;
}

async function begin(
  knowledge: Knowledge,
  tenant: Tenant,
  run: string,
  context: JobContext,
): Promise<Reading | undefined> {
  const { rows } = await knowledge.database.query<Reading["source"]>(tenant, {
    name: "knowledge.begin-run",
    text: `with begun as (
        update run set state = 'running', started_at = coalesce(started_at, now()), touched_at = now()
        where id = $1 and state in ('waiting', 'running') returning source_id
      ) select id, kind, name, address, settings from source where id = (select source_id from begun)`,
    values: [run],
  });
  const [source] = rows;
  if (!source) return undefined;
  const { signal, log } = context;
  return { knowledge, tenant, run, source, until: performance.now() + slice, signal, log };
}

/** Loaded when they are needed: what reads sites and archives is not small. */
const ways = {
  site: async (reading: Reading) => (await import("../crawl/crawl.ts")).crawl(reading),
  git: async (reading: Reading) => (await import("../git/repository.ts")).readRepository(reading),
  files: async (reading: Reading) => (await import("./uploads.ts")).readUploads(reading),
};

async function proceed(reading: Reading, read: Job): Promise<void> {
  const { knowledge, tenant } = reading;
  const progress = await ways[reading.source.kind as keyof typeof ways](reading);
  await goOn(reading, read, progress);
  knowledge.tell(tenant, { source: reading.source.id });
}

async function goOn({ knowledge, tenant, run, source }: Reading, read: Job, progress: Progress): Promise<void> {
  const { database, index, jobs } = knowledge;
  await database.withTenant(tenant, async (tx) => {
    await addJob(tx, jobs.embed, {}, { key: tenant.organisation });
    if (progress.is === "more") {
      const { rowCount } = await tx.query("select from run where id = $1 and state = 'running'", [run]);
      if (rowCount) await addJob(tx, read, { run }, { key: run, ...(progress.at && { runAt: progress.at }) });
      return;
    }
    // A file that joined after the last look is read too; none joins any more while this holds its source.
    await lock(tx, source.id);
    if (await hasUnread(tx, run)) return void (await addJob(tx, read, { run }, { key: run }));
    if (!(await endRun(tx, run, "done", progress.note))) return;
    if (progress.complete) {
      const removed = await removeUnseen(tx, index, source.id, run);
      await tx.query("update run set removed = $2 where id = $1", [run, removed]);
      await forgetProblems(tx, source.id, run);
    }
    await forgetFormer(tx, source.id, run);
    await tx.query("update source set read_at = now() where id = $1", [source.id]);
    const pushed = await tx.query(
      "select from source s join run r on r.source_id = s.id where r.id = $1 and s.pushed_at > r.started_at",
      [run],
    );
    if (pushed.rowCount) await beginRun(tx, jobs, source.id);
  });
}

async function say({ knowledge, tenant, run }: Reading, note: string): Promise<void> {
  await knowledge.database.query(tenant, {
    text: "update run set note = $2 where id = $1",
    values: [run, note.slice(0, 1000)],
  });
}

async function fail({ knowledge, tenant, run, source }: Reading, error: unknown): Promise<void> {
  const note = error instanceof ApiError ? `${error.message} ${error.hint}` : "Something went wrong on our side.";
  await knowledge.database.withTenant(tenant, async (tx) => {
    await lock(tx, source.id);
    await endRun(tx, run, "failed", note);
    await tx.query("update source set read_at = now() where id = $1", [source.id]);
    await addJob(tx, knowledge.jobs.embed, {}, { key: tenant.organisation });
  });
}

/** Whoever sends a file locks its source and then the run that it joins; so does whoever ends a run, in this order. */
async function lock(tx: Transaction, source: string): Promise<void> {
  await tx.query("select from source where id = $1 for no key update", [source]);
}

/** Whether a run that is under way has files that nobody has read. */
async function hasUnread(tx: Transaction, run: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `select from run r where id = $1 and state = 'running' and exists (
       select from upload u join frontier f on f.run_id = u.run_id and md5(f.address) = md5(u.name) and f.state = 'waiting'
       where u.run_id = r.id)`,
    [run],
  );
  return rowCount === 1;
}
