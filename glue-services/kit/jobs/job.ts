import type { FastifyBaseLogger } from "fastify";
import type { Static, TSchema } from "typebox";
import type { Database } from "../database/database.ts";
import { storableJson } from "../database/storable.ts";
import type { Tenant, Transaction, Work } from "../database/transaction.ts";
import { traceparent } from "../tracing/span.ts";

/** Work that may be slow, that may fail and be tried again, and that a crash does not lose. */
export interface Job<Payload extends TSchema = TSchema> {
  /** `service.what-it-does`. */
  name: string;
  payload: Payload;
  /** May be called again for the same job after a failure or a crash; what must happen once goes into `context.once`. */
  run(payload: Static<Payload>, context: JobContext): Promise<unknown>;
  /** Attempts until it is given up; the pause grows exponentially. @default 10, about six hours */
  attempts?: number;
  /** Seconds one attempt may take before its signal aborts. @default 600 */
  timeout?: number;
  /** Jobs of one queue run one after the other. @default all at once */
  queue?: string;
  /** Runs in places that only urgent jobs have, so that it never waits for slow ones. Keep it short. @default false */
  urgent?: boolean;
  /** When to run it by itself, in cron's five fields, UTC; its payload is then `{}`. @example "0 3 * * *" */
  cron?: string;
}

export interface JobContext {
  id: string;
  /** 1 for the first attempt. */
  attempt: number;
  /** Whom it was added for; undefined when it was added for nobody. */
  tenant: Tenant | undefined;
  database: Database;
  /** Aborts at the timeout and when the host closes: end soon, the job will be run again. */
  signal: AbortSignal;
  log: FastifyBaseLogger;
  /**
   * Runs `work` in a transaction as the job's tenant, and marks the job in it: however often the job is begun again, what
   * `work` writes is written once. @returns undefined when that had already happened
   */
  once<Result>(work: Work<Result>): Promise<Result | undefined>;
}

/** Gives a job its payload's type. */
export function job<Payload extends TSchema>(options: Job<Payload>): Job<Payload> {
  return options;
}

export interface AddOptions {
  /** A job with this key that has not begun yet is replaced. */
  key?: string;
  /** @default as soon as possible */
  runAt?: Date;
  /** Smaller runs first among the jobs of one organisation; organisations take turns. From -4 to 3. @default 0 */
  priority?: number;
}

/**
 * Adds a job in a transaction: it exists when the data is committed, and runs for the tenant in force.
 *
 * @returns the job's id
 */
export async function addJob<Payload extends TSchema>(
  tx: Transaction,
  { name, queue, attempts = 10 }: Job<Payload>,
  payload: Static<Payload>,
  options: AddOptions = {},
): Promise<string> {
  const { rows } = await tx.query<{ id: string }>({
    name: "devflow.add_job",
    text: "select devflow.add_job($1, $2, $3, $4, $5, $6, $7, $8) as id",
    values: [
      name,
      storableJson(payload),
      traceparent(),
      queue,
      options.runAt,
      attempts,
      options.key && `${name} ${options.key}`,
      options.priority,
    ],
  });
  return String(rows[0]?.id);
}
