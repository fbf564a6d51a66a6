import type { FastifyBaseLogger } from "fastify";
import type { Pool } from "pg";
import { Counter, Histogram, type Registry } from "prom-client";
import { payloadCheck } from "../compilers.ts";
import type { Database } from "../database/database.ts";
import type { Listener } from "../database/listener.ts";
import { type Drain, type DrainOptions, drain, InvalidPayload } from "./dispatcher.ts";
import type { Subscription } from "./subscription.ts";
import { onWake } from "./wake.ts";

export interface EventOptions {
  /** Pool of the database's owner. */
  owner: Pool;
  listener: Listener;
  /** What each service of this host subscribes to, with its own database. */
  services: readonly { database: Database; subscriptions: readonly Subscription[] }[];
  log: FastifyBaseLogger;
  metrics: Registry;
}

/**
 * Milliseconds: how often what no signal told of is looked for, how often other hosts are told and are listened to at most,
 * and how often old events are deleted.
 */
const sweepEvery = 1000;
const tellEvery = 10;
const hearEvery = 25;
const forgetEvery = 3_600_000;
const channel = "devflow_events";

/** Registers the subscriptions and takes events until it is closed. */
export async function startEvents({
  owner,
  listener,
  services,
  log,
  metrics,
}: EventOptions): Promise<{ close(): Promise<void> }> {
  const seen = measures(metrics);
  const drains = new Map<string, { fresh: Drain; retries: Drain }>();
  const topics = new Map<string, string>();
  let closed = false;
  for (const { database, subscriptions } of services) {
    await register(owner, database.service, subscriptions);
    for (const one of subscriptions) {
      drains.set(one.name, begin(one, database));
      topics.set(one.name, one.topic);
    }
  }

  // However many hosts tell however much: one sweep at a time, and the next one a little later.
  const sweep = coalesce(hearEvery, look);
  const others = await listener.on(channel, sweep);
  const tell = throttle(tellEvery, () => others.tell());
  const quiet = onWake((topic) => {
    for (const [name, wanted] of topics)
      if (topic === undefined || matches(wanted, topic)) drains.get(name)?.fresh.poke();
    tell();
  });
  const timer = setInterval(sweep, sweepEvery);
  const forgetting = setInterval(() => void forget(), forgetEvery);
  await look();

  return {
    async close() {
      closed = true;
      sweep.stop();
      clearInterval(timer);
      clearInterval(forgetting);
      quiet();
      await Promise.all([...drains.values()].flatMap(({ fresh, retries }) => [fresh.close(), retries.close()]));
      others.close();
    },
  };

  async function forget(): Promise<void> {
    await forgetOld(owner, { isOver: () => closed }).catch((error: unknown) => {
      seen.failedForgetting.inc();
      log.error({ err: error }, "old events could not be deleted; it is tried again in an hour");
    });
  }

  function begin(one: Subscription, database: Database): { fresh: Drain; retries: Drain } {
    const validate = payloadCheck(one.payload);
    const check = (payload: unknown) => {
      if (!validate(payload))
        throw new InvalidPayload(
          `The payload is not as ${one.name} expects: ${validate.errors?.[0]?.instancePath} ${validate.errors?.[0]?.message}.`,
        );
    };
    const timeout = (one.timeout ?? 30) * 1000;
    const subscriber = { name: one.name, pool: database.background, timeout, check, handle: one.handle };
    const options: Omit<DrainOptions, "lane"> = {
      attempts: one.attempts ?? 10,
      log,
      onTaken: ({ emittedAt }) => seen.latency.labels(one.name).observe((Date.now() - emittedAt.getTime()) / 1000),
      onDead: () => seen.dead.labels(one.name).inc(),
    };
    return {
      fresh: drain(subscriber, { ...options, lane: "fresh" }),
      retries: drain(subscriber, { ...options, lane: "retries" }),
    };
  }

  /** Cheap when there is nothing: one look into an index for each subscriber. A failure is made good by the next one. */
  async function look(): Promise<void> {
    const found = await owner
      .query<{ name: string; fresh: boolean; due: boolean }>({
        name: "devflow.sweep",
        text: `select name,
          exists (select from devflow.delivery where subscriber = name and retry_at is null) as fresh,
          exists (select from devflow.delivery where subscriber = name and retry_at <= now()) as due
        from unnest($1::text[]) name`,
        values: [[...drains.keys()]],
      })
      .catch(() => undefined);
    for (const { name, fresh, due } of found?.rows ?? []) {
      if (fresh) drains.get(name)?.fresh.poke();
      if (due) drains.get(name)?.retries.poke();
    }
  }
}

/** Deletes what is old in pieces that are each far below the time a statement may take. @returns how many pieces */
export async function forgetOld(owner: Pool, { most = 20_000, isOver = (): boolean => false } = {}): Promise<number> {
  for (let pieces = 1; ; pieces++) {
    const { rows } = await owner.query<{ gone: number }>("select devflow.forget($1) as gone", [most]);
    if ((rows[0]?.gone ?? 0) < most || isOver()) return pieces;
  }
}

/** Makes the table say what the code says; deliveries of what is no longer subscribed go with it. */
async function register(owner: Pool, service: string, subscriptions: readonly Subscription[]): Promise<void> {
  for (const { name } of subscriptions) {
    if (!name.startsWith(`${service}.`)) throw new Error(`Subscription ${name} must be named ${service}.what-it-does.`);
  }
  const names = subscriptions.map(({ name }) => name);
  const topics = subscriptions.map(({ topic }) => topic);
  await owner.query("select devflow.register($1, $2, $3)", [service, names, topics]);
}

function measures(metrics: Registry) {
  const registers = [metrics];
  return {
    latency: new Histogram({
      name: "devflow_event_latency_seconds",
      help: "Time from writing an event to the commit of its effect.",
      labelNames: ["subscriber"],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 60, 600],
      registers,
    }),
    failedForgetting: new Counter({
      name: "devflow_events_forget_failures_total",
      help: "Times that old events could not be deleted; the table grows meanwhile.",
      registers,
    }),
    dead: new Counter({
      name: "devflow_dead_letters_total",
      help: "Events that failed too often.",
      labelNames: ["subscriber"],
      registers,
    }),
  };
}

function matches(wanted: string, topic: string): boolean {
  if (wanted.startsWith("*.")) return topic.endsWith(wanted.slice(1));
  return wanted.endsWith(".*") ? topic.startsWith(wanted.slice(0, -1)) : topic === wanted;
}

/**
 * Runs `work` at once, one at a time, and not again before `ms` after its end: calls meanwhile are one call, which comes
 * then.
 */
export function coalesce(ms: number, work: () => Promise<void>): (() => void) & { stop(): void } {
  let state: "idle" | "busy" | "asked" = "idle";
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const run = async () => {
    state = "busy";
    await work();
    if (!stopped) timer = setTimeout(rest, ms);
  };
  const rest = () => {
    if (state === "asked") void run();
    else state = "idle";
  };
  const call = () => {
    if (stopped) return;
    if (state === "idle") void run();
    else if (state === "busy") state = "asked";
  };
  return Object.assign(call, {
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  });
}

/** Once for all calls within `ms`. */
function throttle(ms: number, work: () => void): () => void {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    setTimeout(() => {
      waiting = false;
      work();
    }, ms);
  };
}
