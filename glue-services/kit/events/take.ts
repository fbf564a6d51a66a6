import type { Pool, QueryConfig, QueryResultRow } from "pg";
import { settings, type Transaction, Unfinished, withoutTenant } from "../database/transaction.ts";
import { span } from "../tracing/span.ts";
import type { DeliveredEvent } from "./subscription.ts";

/** A subscriber ready to work: its payload check is compiled, its defaults are resolved. */
export interface Subscriber {
  name: string;
  pool: Pool;
  /** Milliseconds one handler may take; its transaction holds a connection, and its slot or key, for so long. */
  timeout: number;
  check(payload: unknown): void;
  handle(event: DeliveredEvent<never>, tx: Transaction): Promise<unknown>;
}

/** An event whose handler failed; `cause` is why. */
export class HandlingFailed extends Error {
  /** Undefined when it cannot be told which event of the batch it was. */
  readonly event: Claimed | undefined;
  constructor(event: Claimed | undefined, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.event = event;
  }
}

/**
 * Takes up to `batch` events of one slot: claims them, runs their handlers and settles them, all in one transaction. If
 * the process or the database dies anywhere in it, everything is as before. Handlers of different keys run together, so
 * that their queries share round trips; those of one key run one after the other.
 *
 * @returns the events whose effects are now committed
 * @throws HandlingFailed when a handler fails; then no effect of the batch remains
 */
export async function take(subscriber: Subscriber, batch: number): Promise<DeliveredEvent[]> {
  return takeWhat(subscriber, {
    name: "devflow.claim",
    text: "select * from devflow.claim($1, $2)",
    values: [subscriber.name, batch],
  });
}

/** Takes one event of a key whose failed event is due again, like `take`. */
export async function takeRetry(subscriber: Subscriber): Promise<DeliveredEvent[]> {
  return takeWhat(subscriber, {
    name: "devflow.claim_retry",
    text: "select * from devflow.claim_retry($1)",
    values: [subscriber.name],
  });
}

async function takeWhat(subscriber: Subscriber, claim: QueryConfig): Promise<DeliveredEvent[]> {
  return withoutTenant(subscriber.pool, async (tx) => {
    const claimed = (await tx.query<ClaimedRow & QueryResultRow>(claim)).rows.map(delivered);
    // The tenant is a setting of the connection, so one organisation comes after the other.
    for (const [organisation, events] of Map.groupBy(claimed, (event) => event.organisation)) {
      const tenant = organisation === undefined ? undefined : { organisation };
      if (tenant) tx.query(settings(tenant)).catch(() => {});
      await handleAll(subscriber, events, { ...tx, tenant });
      if (tenant) tx.query(settings(undefined)).catch(() => {});
    }
    if (claimed.length > 0) await settle(tx, subscriber.name, claimed);
    return claimed;
  });
}

async function handleAll(subscriber: Subscriber, events: Claimed[], tx: Transaction): Promise<void> {
  const keys = [...Map.groupBy(events, (event) => event.key).values()];
  const results = await Promise.allSettled(
    keys.map(async (run) => {
      for (const event of run) await handle(subscriber, event, tx);
    }),
  );
  const failures = results.flatMap((result) => (result.status === "rejected" ? [result.reason as HandlingFailed] : []));
  // Once a statement has failed, PostgreSQL refuses those of the other handlers too: only the first one is to blame. One
  // that did not end in time is to blame before those that failed meanwhile.
  const guilty =
    failures.find(({ cause }) => cause instanceof Unfinished) ??
    failures.find(({ cause }) => (cause as { code?: string }).code !== "25P02") ??
    failures[0];
  if (guilty) throw guilty;
}

async function handle(subscriber: Subscriber, event: Claimed, tx: Transaction): Promise<void> {
  try {
    subscriber.check(event.payload);
    const work = () => subscriber.handle(event as DeliveredEvent as DeliveredEvent<never>, tx);
    const attributes = { "devflow.subscriber": subscriber.name };
    await within(subscriber.timeout, span(`take ${event.topic}`, attributes, work, event.trace));
  } catch (error) {
    throw new HandlingFailed(event, error);
  }
}

/** An event with what the database needs to settle it. */
export interface Claimed extends DeliveredEvent {
  slot: number;
  trace: string | null;
}

interface ClaimedRow {
  id: string;
  topic: string;
  key: string;
  organisation: string | null;
  payload: unknown;
  trace: string | null;
  emitted: Date;
  attempts: number;
  slot: number;
}

async function settle(tx: Transaction, subscriber: string, events: Claimed[]): Promise<void> {
  const ids = events.map((event) => event.id.toString());
  try {
    await tx.query({
      name: "devflow.settle",
      text: "select devflow.settle($1, $2, $3)",
      values: [subscriber, events[0]?.slot, ids],
    });
  } catch (error) {
    // A handler left a failed statement behind and did not say so.
    throw new HandlingFailed(events.length === 1 ? events[0] : undefined, error);
  }
}

function delivered(row: ClaimedRow): Claimed {
  return {
    id: BigInt(row.id),
    topic: row.topic,
    key: row.key,
    payload: row.payload,
    organisation: row.organisation ?? undefined,
    emittedAt: row.emitted,
    attempt: row.attempts + 1,
    slot: row.slot,
    trace: row.trace,
  };
}

async function within<Result>(ms: number, work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Unfinished(`The handler took longer than ${ms / 1000} s.`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
