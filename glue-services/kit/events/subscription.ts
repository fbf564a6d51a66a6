import type { Static, TSchema } from "typebox";
import type { Transaction } from "../database/transaction.ts";

/** An event as a subscriber sees it. */
export interface DeliveredEvent<Payload = unknown> {
  /** Increases within a key. Send it along as the idempotency key of an effect outside the database. */
  id: bigint;
  topic: string;
  key: string;
  payload: Payload;
  /** Undefined when it belongs to no organisation. */
  organisation: string | undefined;
  emittedAt: Date;
  /** 1 for the first attempt. */
  attempt: number;
}

export interface Subscription<Payload extends TSchema = TSchema> {
  /** `service.what-it-does`; stable, since it names the deliveries that are still to be made. */
  name: string;
  /** One topic, all below a prefix (`billing.*`), or the one of this name of every service (`*.project-part`). */
  topic: string;
  /** Shape of the payload; an event that does not have it goes to the dead letters at once. */
  payload: Payload;
  /**
   * Does the effect, in a transaction as the event's tenant. The delivery is taken in the same transaction, so what is
   * written through `tx` is written once, whatever dies when. Whatever else is done here may be done twice: add a job
   * for slow work and calls to others.
   */
  handle(event: DeliveredEvent<Static<Payload>>, tx: Transaction): Promise<unknown>;
  /**
   * Seconds the handler may take. After that its transaction is rolled back and its connection closed; what it still asks
   * of `tx` is refused. @default 30
   */
  timeout?: number;
  /** Attempts until it becomes a dead letter. @default 10, about 17 minutes */
  attempts?: number;
}

/** Gives a subscription its payload's type. */
export function subscription<Payload extends TSchema>(options: Subscription<Payload>): Subscription<Payload> {
  return options;
}

/** Milliseconds until the next attempt: 200 ms, doubled each time, at most five minutes, and never in step with others. */
export function backOff(failed: number): number {
  return Math.min(300_000, 200 * 2 ** (failed - 1)) * (0.75 + Math.random() / 2);
}
