import type { Transaction } from "../database/transaction.ts";
import { traceparent } from "../tracing/span.ts";
import { wake } from "./wake.ts";

/** Something that happened, told to whoever subscribed. */
export interface NewEvent {
  /** `service.what-happened`; the first part must be the emitting service. */
  topic: string;
  /** Events of one key are taken in the order in which they were committed. Usually the id of what changed. */
  key: string;
  /** JSON, without secrets: a person may read it among the dead letters. */
  payload: unknown;
}

/**
 * Writes an event in the transaction of the data it is about: either both are committed or neither is. The event belongs
 * to the tenant in force.
 *
 * @returns the event's id
 */
export async function emit(tx: Transaction, event: NewEvent): Promise<bigint> {
  tx.afterCommit(() => wake(event.topic));
  const { rows } = await tx.query<{ emit: string }>({
    name: "devflow.emit",
    text: "select devflow.emit($1, $2, $3, $4)",
    values: [event.topic, event.key, JSON.stringify(event.payload), traceparent()],
  });
  return BigInt(rows[0]?.emit ?? 0);
}
