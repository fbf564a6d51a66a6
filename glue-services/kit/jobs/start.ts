import { EventEmitter } from "node:events";
import { Ajv } from "ajv";
import type { FastifyBaseLogger } from "fastify";
import type { JobHelpers, Task, WorkerEvents } from "graphile-worker";
import type { Pool } from "pg";
import type { Database } from "../database/database.ts";
import { type Tenant, withoutTenant, withTenant } from "../database/transaction.ts";
import { span } from "../tracing/span.ts";
import { holdName, releaseAbandoned } from "./holder.ts";
import type { Job } from "./job.ts";

export interface JobOptions {
  /** Pool of the database's owner. */
  owner: Pool;
  services: readonly { database: Database; jobs: readonly Job[] }[];
  log: FastifyBaseLogger;
}

/** Jobs that run at once in one host. */
const concurrency = 4;
/** Milliseconds a job may go on when the host closes, until its signal aborts. */
const grace = 2000;
/** Milliseconds between looks for jobs whose host is gone. */
const releaseEvery = 5000;

/** Runs jobs and cron until it is closed. */
export async function startJobs({ owner, services, log }: JobOptions): Promise<{ close(): Promise<void> }> {
  const { Logger, parseCronItems, run } = await import("graphile-worker");
  const jobs = services.flatMap(({ database, jobs }) => jobs.map((job) => ({ job, database })));
  for (const { job, database } of jobs) demandName(job, database);

  const events: WorkerEvents = new EventEmitter();
  const created = new Promise<string>((resolve) =>
    events.once("pool:create", ({ workerPool }) => resolve(workerPool.id)),
  );
  const runner = await run({
    pgPool: owner,
    concurrency,
    noHandleSignals: true,
    events,
    taskList: Object.fromEntries(jobs.map(({ job, database }) => [job.name, task(job, database, log)])),
    parsedCronItems: parseCronItems(
      jobs.flatMap(({ job }) =>
        job.cron
          ? [{ task: job.name, match: job.cron, identifier: job.name, options: { maxAttempts: job.attempts ?? 10 } }]
          : [],
      ),
    ),
    logger: new Logger(() => (level, message, meta) => {
      log[level === "error" ? "error" : level === "warning" ? "warn" : "debug"]({ jobs: meta?.message }, message);
    }),
    preset: { worker: { gracefulShutdownAbortTimeout: grace, pollInterval: 2000 } },
  });
  const held = await holdName(owner, await created, log);
  const release = () => releaseAbandoned(owner, log);
  await release();
  const timer = setInterval(() => void release(), releaseEvery);

  return {
    async close() {
      clearInterval(timer);
      await runner.stop();
      await held.close();
    },
  };
}

function task(job: Job, database: Database, log: FastifyBaseLogger): Task {
  const validate = new Ajv({ strict: false }).compile(job.payload);
  return async (raw, helpers) => {
    const { tenant, trace, data } = unwrap(raw);
    if (!validate(data)) throw new Error(`The payload of ${job.name} is not valid: ${validate.errors?.[0]?.message}.`);
    const { id } = helpers.job;
    const work = () =>
      job.run(data, {
        id,
        attempt: helpers.job.attempts,
        tenant,
        database,
        signal: AbortSignal.any([helpers.abortSignal, AbortSignal.timeout((job.timeout ?? 600) * 1000)]),
        log: log.child({ job: job.name, id }),
        once: (effect) =>
          transaction(
            database,
            tenant,
          )(async (tx) => {
            const values = [database.service, id];
            const { rows } = await tx.query<{ once: boolean }>({
              name: "devflow.once",
              text: "select devflow.once($1, $2)",
              values,
            });
            return rows[0]?.once ? effect(tx) : undefined;
          }),
      });
    await noted(helpers, log, job, () =>
      span(`job ${job.name}`, { "devflow.job": id }, async () => void (await work()), trace),
    );
  };
}

/** The queue notes the failure and the time of the next attempt; the log says why. */
async function noted(helpers: JobHelpers, log: FastifyBaseLogger, job: Job, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const { attempts, max_attempts: limit, id } = helpers.job;
    log[attempts >= limit ? "error" : "warn"]({ err: error, job: job.name, id, attempt: attempts }, "job failed");
    throw error;
  }
}

function transaction(database: Database, tenant: Tenant | undefined) {
  return tenant
    ? <Result>(work: Parameters<typeof withTenant<Result>>[2]) => withTenant(database.pool, tenant, work)
    : <Result>(work: Parameters<typeof withoutTenant<Result>>[1]) => withoutTenant(database.pool, work);
}

interface Envelope {
  organisation?: string | null;
  person?: string | null;
  trace?: string | null;
  data?: unknown;
}

/** What cron adds has no envelope. */
function unwrap(raw: unknown): { tenant: Tenant | undefined; trace: string | null; data: unknown } {
  const { organisation, person, trace, data } = raw as Envelope;
  const tenant = organisation ? { organisation, person: person ?? undefined } : undefined;
  return { tenant, trace: trace ?? null, data: data ?? {} };
}

function demandName({ name }: Job, { service }: Database): void {
  if (!name.startsWith(`${service}.`)) throw new Error(`Job ${name} must be named ${service}.what-it-does.`);
}
