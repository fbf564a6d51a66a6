import { Type } from "typebox";
import { addJob, type Database, type Job, type JobContext, job, type Tenant } from "../../../kit/index.ts";
import { Away, Unfit, type VespaClient } from "./client.ts";
import { dimensions, documentId, fieldsOf, markerId, markerOf, typeOf } from "./document.ts";
import { beginMirrors, giveBack, hold, passagesOf, refill, type Taken, take } from "./mirror.ts";

/** Chunks in hand at once, and milliseconds after which the job makes room for others and goes on later. */
const batch = 128;
const slice = 20_000;
/** Milliseconds until Vespa is asked again when it did not answer. */
const later = 3000;

/**
 * Makes Vespa have what PostgreSQL has of an organisation's live generations. What it did so far is noted in PostgreSQL,
 * so a crash costs the chunks in hand, which are sent again.
 */
export function feedJob(client: () => VespaClient): Job {
  const feed: Job = job({
    name: "knowledge.feed",
    payload: Type.Object({}),
    async run(_payload, context) {
      const { tenant, database } = context;
      if (!tenant) return;
      const again = (runAt?: Date) =>
        database.withTenant(tenant, (tx) =>
          addJob(tx, feed, {}, { key: tenant.organisation, ...(runAt && { runAt }) }),
        );
      try {
        if (!(await work(client(), context, tenant))) await again();
      } catch (error) {
        if (!(error instanceof Away)) throw error;
        context.log.warn({ err: error }, "Vespa is not fed");
        await noted(database, tenant, error.message);
        await again(new Date(Date.now() + later));
      }
    },
  });
  return feed;
}

/** False: there is more to do. */
async function work(client: VespaClient, context: JobContext, tenant: Tenant): Promise<boolean> {
  const { database, signal } = context;
  await beginMirrors(database, tenant);
  await findLost(client, database, tenant);
  const until = performance.now() + slice;
  for (;;) {
    if (signal.aborted || performance.now() > until) return false;
    const taken = await take(database, tenant, batch);
    if (!taken) break;
    await feedSome(client, context, tenant, taken);
  }
  await noted(database, tenant, null);
  await markFilled(client, database, tenant);
  await letGo(client, context, tenant);
  return true;
}

/** Sends what is in hand, and gives back what could not be sent. @throws Away */
async function feedSome(client: VespaClient, { database, signal, log }: JobContext, tenant: Tenant, taken: Taken) {
  const { generation, dimension, changes } = taken;
  const limit = AbortSignal.any([signal, AbortSignal.timeout((hold - 10) * 1000)]);
  const type = typeOf(dimension);
  const passages = await passagesOf(database, tenant, taken);
  const done = new Set<string>();
  const results = await Promise.allSettled(
    changes.map(async ({ chunk }) => {
      const passage = passages.get(chunk);
      const id = documentId(generation, chunk);
      if (passage) {
        await client.put(type, id, fieldsOf(tenant, generation, passage), limit).catch((error: unknown) => {
          if (!(error instanceof Unfit)) throw error;
          // Held up by it, nothing after it would ever be found.
          log.error({ err: error, chunk }, "Vespa takes no such document; only PostgreSQL finds it");
        });
      } else await client.remove(type, id, limit);
      done.add(chunk);
    }),
  );
  await giveBack(database, tenant, taken, done);
  const failed = results.find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
}

interface Mirror {
  id: string;
  dimension: number;
}

/** A Vespa that was set up anew has no marker: all of it is fed again, and PostgreSQL answers until then. */
async function findLost(client: VespaClient, database: Database, tenant: Tenant): Promise<void> {
  const filled = await database.query<Mirror>(tenant, {
    name: "knowledge.filled-mirrors",
    text: "select generation_id as id, dimension from mirror where filled_at is not null",
  });
  for (const { id, dimension } of filled.rows) {
    if (await client.has(typeOf(dimension), markerId(id))) continue;
    await database.withTenant(tenant, (tx) => refill(tx, id));
  }
}

/** Marks what has been filled; it serves from then on. */
async function markFilled(client: VespaClient, database: Database, tenant: Tenant): Promise<void> {
  const whole = `generation_id as id, dimension from mirror m where filled_at is null
    and not exists (select from unfed u where u.generation_id = m.generation_id)`;
  const { rows } = await database.query<Mirror>(tenant, { name: "knowledge.whole-mirrors", text: `select ${whole}` });
  for (const { id, dimension } of rows) {
    await client.put(typeOf(dimension), markerId(id), markerOf(tenant, id));
    await database.query(tenant, {
      name: "knowledge.mark-filled",
      text: "update mirror set filled_at = now() where generation_id = $1",
      values: [id],
    });
  }
}

/** Deletes from Vespa what belongs to generations that are no more. */
async function letGo(client: VespaClient, { database, signal }: JobContext, tenant: Tenant): Promise<void> {
  const { rows } = await database.query<Mirror>(tenant, {
    name: "knowledge.former-mirrors",
    text: `select m.generation_id as id, m.dimension from mirror m
      left join generation g on g.id = m.generation_id and g.state <> 'retired'
      where g.id is null
        and not exists (select from unfed u where u.generation_id = m.generation_id and u.taken_until > now())`,
  });
  for (const { id, dimension } of rows) {
    const type = typeOf(dimension);
    await client.removeAll(type, `${type}.generation == "${id}"`, signal);
    await database.query(tenant, { text: "delete from mirror where generation_id = $1", values: [id] });
  }
}

async function noted(database: Database, tenant: Tenant, note: string | null): Promise<void> {
  await database.query(tenant, {
    name: "knowledge.note-mirror",
    text: "update mirror set note = $1 where note is distinct from $1",
    values: [note],
  });
}

/** Begins with what is there already, and goes on with what was given up or lost. */
export function followJob(feed: () => Job): Job {
  return job({
    name: "knowledge.follow",
    payload: Type.Object({}),
    cron: "* * * * *",
    run: (_payload, { database }) => everyOne(database, "mirrors_at_work($1)", feed(), [dimensions]),
  });
}

/** Finds out whether Vespa still has what it was fed. */
export function verifyJob(feed: () => Job): Job {
  return job({
    name: "knowledge.verify",
    payload: Type.Object({}),
    cron: "7,22,37,52 * * * *",
    run: (_payload, { database }) => everyOne(database, "mirrors_filled()", feed()),
  });
}

async function everyOne(
  database: Database,
  which: "mirrors_at_work($1)" | "mirrors_filled()",
  feed: Job,
  values: unknown[] = [],
): Promise<void> {
  const { rows } = await database.pool.query<{ organisation: string }>(
    `select organisation_id as organisation from knowledge.${which}`,
    values,
  );
  for (const { organisation } of rows) {
    await database.withTenant({ organisation }, (tx) => addJob(tx, feed, {}, { key: organisation }));
  }
}
