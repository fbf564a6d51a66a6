import { storableJson } from "../database/storable.ts";
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
 * Writes an event with the data it is about, in the same transaction: either both are committed or neither is. The event
 * belongs to the transaction's tenant. It is written just before the commit, together with all others of the transaction.
 */
export function emit(tx: Transaction, event: NewEvent): void {
  const events = waiting.get(tx.commit) ?? [];
  if (events.length === 0) {
    waiting.set(tx.commit, events);
    tx.commit.before(() => write(tx, events));
    tx.commit.after(() => {
      for (const topic of new Set(events.map((one) => one.topic))) wake(topic);
    });
  }
  events.push({ ...event, organisation: tx.tenant?.organisation });
}

interface OwnedEvent extends NewEvent {
  organisation: string | undefined;
}

const waiting = new WeakMap<object, OwnedEvent[]>();

function write(tx: Transaction, events: OwnedEvent[]): Promise<unknown> {
  const values = [storableJson(events), traceparent()];
  return tx.query({ name: "devflow.emit", text: "select devflow.emit($1::jsonb, $2)", values });
}
