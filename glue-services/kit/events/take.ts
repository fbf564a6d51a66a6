import type { Pool } from "pg";
import { settings, type Transaction, withoutTenant } from "../database/transaction.ts";
import { span } from "../tracing/span.ts";
import type { DeliveredEvent } from "./subscription.ts";

/** A subscriber ready to work: its payload check is compiled, its defaults are resolved. */
export interface Subscriber {
  name: string;
  pool: Pool;
  check(payload: unknown): void;
  handle(event: DeliveredEvent<never>, tx: Transaction): Promise<unknown>;
}

/** An event whose handler failed; `cause` is why. */
export class HandlingFailed extends Error {
  /** Undefined when it cannot be told which event of the batch it was. */
  readonly event: DeliveredEvent | undefined;
  constructor(event: DeliveredEvent | undefined, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.event = event;
  }
}

/** Milliseconds one handler may take; its transaction holds a connection and a slot for so long. */
const handleTimeout = 30_000;

/**
 * Takes up to `batch` events of one slot: claims them, runs their handlers and settles them, all in one transaction. If
 * the process or the database dies anywhere in it, everything is as before.
 *
 * @returns the events whose effects are now committed
 * @throws HandlingFailed when a handler fails; then no effect of the batch remains
 */
export async function take(subscriber: Subscriber, batch: number): Promise<DeliveredEvent[]> {
  return withoutTenant(subscriber.pool, async (tx) => {
    const rows = await claim(tx, subscriber.name, batch);
    const events = rows.map(delivered);
    let inForce: string | undefined;
    for (const [at, event] of events.entries()) {
      try {
        if (event.organisation !== inForce) {
          const tenant = event.organisation === undefined ? undefined : { organisation: event.organisation };
          await tx.query(settings(tenant));
          inForce = event.organisation;
        }
        subscriber.check(event.payload);
        const work = () => subscriber.handle(event as DeliveredEvent<never>, tx);
        await within(
          handleTimeout,
          span(`take ${event.topic}`, { "devflow.subscriber": subscriber.name }, work, rows[at]?.trace),
        );
      } catch (error) {
        throw new HandlingFailed(event, error);
      }
    }
    if (events.length > 0) await settle(tx, subscriber.name, events);
    return events;
  });
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
}

async function claim(tx: Transaction, subscriber: string, batch: number): Promise<ClaimedRow[]> {
  const text = "select * from devflow.claim($1, $2)";
  return (
    await tx.query<ClaimedRow & Record<string, unknown>>({ name: "devflow.claim", text, values: [subscriber, batch] })
  ).rows;
}

async function settle(tx: Transaction, subscriber: string, events: DeliveredEvent[]): Promise<void> {
  const ids = events.map((event) => event.id.toString());
  try {
    await tx.query({ name: "devflow.settle", text: "select devflow.settle($1, $2)", values: [subscriber, ids] });
  } catch (error) {
    // A handler left a failed statement behind and did not say so.
    throw new HandlingFailed(events.length === 1 ? events[0] : undefined, error);
  }
}

function delivered(row: ClaimedRow): DeliveredEvent {
  return {
    id: BigInt(row.id),
    topic: row.topic,
    key: row.key,
    payload: row.payload,
    organisation: row.organisation ?? undefined,
    emittedAt: row.emitted,
    attempt: row.attempts + 1,
  };
}

async function within<Result>(ms: number, work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`The handler took longer than ${ms / 1000} s.`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
