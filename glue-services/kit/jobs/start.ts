import { EventEmitter } from "node:events";
import type { FastifyBaseLogger } from "fastify";
import type { RunnerOptions, WorkerEvents } from "graphile-worker";
import type { Pool } from "pg";
import type { Database } from "../database/database.ts";
import { holdName, releaseAbandoned } from "./holder.ts";
import type { Job } from "./job.ts";
import { task } from "./task.ts";

export interface JobOptions {
  /** Pool of the database's owner. */
  owner: Pool;
  services: readonly { database: Database; jobs: readonly Job[] }[];
  log: FastifyBaseLogger;
}

/** Jobs that run at once in one host: urgent ones have places of their own, which nothing else can take. */
const concurrency = { urgent: 1, usual: 4 };
/** Milliseconds a job may go on when the host closes, until its signal aborts. */
const grace = 2000;
/** Milliseconds between looks for jobs whose host is gone, and until a queue that gave up is started anew. */
const releaseEvery = 5000;
const again = 1000;
/** Milliseconds a queue gets to stop. */
const patience = grace + 2000;

/** Runs jobs and cron until it is closed. */
export async function startJobs(options: JobOptions): Promise<{ close(): Promise<void> }> {
  const { owner, log } = options;
  const all = options.services.flatMap(({ database, jobs }) => jobs.map((job) => ({ job, database })));
  for (const { job, database } of all) demandName(job, database);
  const lanes = [
    { jobs: all.filter(({ job }) => job.urgent), places: concurrency.urgent },
    { jobs: all.filter(({ job }) => !job.urgent), places: concurrency.usual },
  ].filter(({ jobs }) => jobs.length > 0);
  const starts = await Promise.all(lanes.map((lane) => prepare(owner, lane, log)));
  const running: { close(): Promise<void> }[] = [];
  try {
    for (const start of starts) running.push(await keepRunning(start, log));
  } catch (error) {
    await Promise.all(running.map((one) => one.close()));
    throw error;
  }
  const timer = setInterval(() => void releaseAbandoned(owner, log), releaseEvery);
  return {
    async close() {
      clearInterval(timer);
      await Promise.all(running.map((one) => one.close()));
    },
  };
}

async function keepRunning(start: () => Promise<Running>, log: FastifyBaseLogger): Promise<{ close(): Promise<void> }> {
  let running = await start();
  let closing = false;
  const watched = watch();

  return {
    async close() {
      closing = true;
      await running.stop();
      await watched;
    },
  };

  /**
   * A queue that cannot note the end of a job, because the database is away, stops itself. The next one has another
   * name, so that the jobs of the former are taken back like those of a host that is gone.
   */
  async function watch(): Promise<void> {
    for (;;) {
      const error = await running.ended;
      if (closing) return;
      log.warn({ err: error }, "the job queue stopped; starting it anew");
      await later(again);
      if (closing) return;
      const next = await start().catch((failure: unknown) => failedStart(failure));
      running = next;
      if (closing) await running.stop();
    }
  }
}

interface Running {
  /** Fulfils with the reason, or undefined when it was asked to stop. */
  ended: Promise<unknown>;
  stop(): Promise<void>;
}

function failedStart(failure: unknown): Running {
  return { ended: Promise.resolve(failure), stop: async () => {} };
}

interface Lane {
  jobs: readonly { job: Job; database: Database }[];
  /** How many of them run at once. */
  places: number;
}

/** Reads the jobs' cron once; the function it answers starts a queue for them. @throws Error for cron that is wrong */
async function prepare(owner: Pool, { jobs, places }: Lane, log: FastifyBaseLogger): Promise<() => Promise<Running>> {
  const { Logger, parseCronItems, run } = await import("graphile-worker");
  const crons = jobs.flatMap(({ job: { name, cron, attempts = 10 } }) =>
    cron ? [{ task: name, match: cron, identifier: name, options: { maxAttempts: attempts } }] : [],
  );
  const settings: RunnerOptions = {
    pgPool: owner,
    concurrency: places,
    noHandleSignals: true,
    taskList: Object.fromEntries(jobs.map(({ job, database }) => [job.name, task(job, database, log)])),
    parsedCronItems: parseCronItems(crons),
    logger: new Logger(() => (level, message, meta) => {
      log[level === "error" || level === "warning" ? "warn" : "debug"]({ queue: meta?.message }, message);
    }),
    // Batches of one: only in this mode a failure to note a job's end is handled rather than an unhandled rejection.
    preset: {
      worker: {
        gracefulShutdownAbortTimeout: grace,
        pollInterval: 2000,
        completeJobBatchDelay: 0,
        failJobBatchDelay: 0,
      },
    },
  };

  return async () => {
    const events: WorkerEvents = new EventEmitter();
    const created = new Promise<string>((resolve) => {
      events.once("pool:create", ({ workerPool }) => resolve(workerPool.id));
    });
    // With the database away the queue may begin to stop and never end.
    const gaveUp = new Promise<void>((resolve) => {
      events.once("pool:gracefulShutdown", () => setTimeout(resolve, patience));
    });
    const runner = await run({ ...settings, events });
    const held = await holdName(owner, await created, log);
    await releaseAbandoned(owner, log);
    const ended = Promise.race([settled(runner.promise), gaveUp]).finally(() => held.close());
    return {
      ended,
      stop: () => Promise.race([settled(Promise.resolve(runner.stop())), later(patience)]).then(() => {}),
    };
  };
}

/** Fulfils either way, with the error when there is one. */
function settled(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

function later(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function demandName({ name }: Job, { service }: Database): void {
  if (!name.startsWith(`${service}.`)) throw new Error(`Job ${name} must be named ${service}.what-it-does.`);
}
