import type { FastifyBaseLogger } from "fastify";
import type { JobHelpers, Task } from "graphile-worker";
import { payloadCheck } from "../compilers.ts";
import type { Database } from "../database/database.ts";
import { storableText } from "../database/storable.ts";
import { type Tenant, withoutTenant, withTenant } from "../database/transaction.ts";
import { span } from "../tracing/span.ts";
import type { Job } from "./job.ts";

/** A job as the queue runs it: unpacked, checked, traced, its failure logged. */
export function task(job: Job, database: Database, log: FastifyBaseLogger): Task {
  const validate = payloadCheck(job.payload);
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

/**
 * The queue notes the failure and the time of the next attempt; the log says why. What it notes is a text that can be
 * kept: a queue that cannot note the end of a job stops, for all.
 */
async function noted(helpers: JobHelpers, log: FastifyBaseLogger, job: Job, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const { attempts, max_attempts: limit, id } = helpers.job;
    log[attempts >= limit ? "error" : "warn"]({ err: error, job: job.name, id, attempt: attempts }, "job failed");
    const text = error instanceof Error ? error.message : String(error);
    throw new Error(storableText(text, longestText), { cause: error });
  }
}

function transaction(database: Database, tenant: Tenant | undefined) {
  return tenant
    ? <Result>(work: Parameters<typeof withTenant<Result>>[2]) => withTenant(database.pool, tenant, work)
    : <Result>(work: Parameters<typeof withoutTenant<Result>>[1]) => withoutTenant(database.pool, work);
}

/** UTF-16 units of an error's text that are kept with the job. */
const longestText = 2000;

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
