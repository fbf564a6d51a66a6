import type { FastifyBaseLogger } from "fastify";
import type { Pool } from "pg";
import { storableText } from "../database/storable.ts";
import { backOff } from "./subscription.ts";
import { type Claimed, HandlingFailed, type Subscriber, take, takeRetry } from "./take.ts";

/** Events of one slot that are taken in one transaction. */
const batch = 100;
/** Events found at once that make it worth while to let another worker look. */
const enough = 10;
/** UTF-16 units of an error's text that are kept with the event. */
const longestText = 2000;
/** Slots of one subscriber that are worked on at once. */
const parallel = 2;

/** Takes a subscriber's events until none is ready. `poke` may be called at any time, as often as one likes. */
export interface Drain {
  poke(): void;
  /** Lets what is in hand end; nothing is begun after it. */
  close(): Promise<void>;
}

export interface DrainOptions {
  /** `retries`: keys with a failed event, one at a time, so that they hold up no others. */
  lane: "fresh" | "retries";
  attempts: number;
  log: FastifyBaseLogger;
  /** Told of each event once its effect is committed. */
  onTaken?(event: { topic: string; emittedAt: Date }): void;
  onDead?(): void;
}

export function drain(subscriber: Subscriber, options: DrainOptions): Drain {
  const running = new Set<Promise<void>>();
  let closed = false;
  let poked = false;
  // After a failure that cannot be laid to one event, events are taken one by one until it has shown itself.
  let size = batch;

  /** A worker that found much lets another one look too; an idle subscriber costs one look a poke. */
  function add(): void {
    if (closed || running.size >= (options.lane === "fresh" ? parallel : 1)) return;
    const worker = work().finally(() => running.delete(worker));
    running.add(worker);
  }

  async function work(): Promise<void> {
    while (!closed) {
      poked = false;
      try {
        const events = await (options.lane === "fresh" ? take(subscriber, size) : takeRetry(subscriber));
        for (const event of events) options.onTaken?.(event);
        if (events.length > 0) {
          size = Math.min(batch, size * 2);
          if (events.length >= enough) add();
        }
        // A poke while this worker was looking may have been for what it did not see yet.
        if (events.length === 0 && !poked) return;
      } catch (error) {
        if (!(await recover(error))) return;
      }
    }
  }

  /** @returns whether to go on at once; else the sweep begins again later */
  async function recover(error: unknown): Promise<boolean> {
    if (!(error instanceof HandlingFailed)) {
      options.log.warn({ err: error, subscriber: subscriber.name }, "events cannot be taken now");
      return false;
    }
    const { event } = error;
    if (!event) {
      size = 1;
      return true;
    }
    try {
      const dead = await fail(subscriber, event, error, options.attempts);
      const line = {
        err: error.cause,
        subscriber: subscriber.name,
        event: event.id.toString(),
        attempt: event.attempt,
      };
      if (dead) options.onDead?.();
      if (dead) options.log.error(line, "event became a dead letter");
      else options.log.warn(line, "event will be tried again");
      return true;
    } catch (second) {
      options.log.warn({ err: second, subscriber: subscriber.name }, "a failed event could not be noted");
      return false;
    }
  }

  return {
    poke() {
      poked = true;
      if (running.size === 0) add();
    },
    async close() {
      closed = true;
      await Promise.all(running);
    },
  };
}

async function fail(
  { name, pool }: { name: string; pool: Pool },
  event: Claimed,
  error: Error,
  attempts: number,
): Promise<boolean> {
  // A payload of the wrong shape will not get better by waiting.
  const limit = error.cause instanceof InvalidPayload ? 1 : attempts;
  const { rows } = await pool.query<{ fail: boolean }>("select devflow.fail($1, $2, $3, $4, $5, $6)", [
    name,
    event.slot,
    event.id.toString(),
    storableText(error.message, longestText),
    `${Math.round(backOff(event.attempt))} milliseconds`,
    limit,
  ]);
  return rows[0]?.fail === true;
}

export class InvalidPayload extends Error {}
