import type { Pool } from "pg";

/** A subscriber that has not taken an event: it waits, waits for its next attempt, or has failed too often. */
export interface OpenDelivery {
  subscriber: string;
  state: "waiting" | "failing" | "failed";
  /** Attempts that failed. */
  attempts: number;
  retryAt: string | null;
  error: string | null;
}

export interface RecentEvent {
  id: string;
  topic: string;
  key: string;
  organisation: string | null;
  emittedAt: Date;
  /** Empty: whoever subscribes to it has taken it. */
  open: OpenDelivery[];
}

export interface Found {
  events: RecentEvent[];
  /** Where to go on; null when nothing is older. There may be a next page though this one is empty. */
  next: string | null;
}

export interface Wanted {
  limit?: number;
  before?: string | undefined;
  /** One topic, or all below a prefix: `billing.*`. */
  topic?: string | undefined;
}

/** Events that one call looks at, at most: a rare topic must not make it read the whole table. */
const reach = 20_000;
/** Newest events of which the topics are offered. */
const sample = 5000;

/** Newest first, without their payloads. Takes the owner's pool. */
export async function listEvents(owner: Pool, { limit = 50, before, topic }: Wanted = {}): Promise<Found> {
  const { rows: ends } = await owner.query<{ upper: string; first: string }>(
    `select coalesce($1::bigint, (select max(id) from devflow.event) + 1, 0) as upper,
       coalesce((select min(id) from devflow.event), 0) as first`,
    [before],
  );
  const [{ upper, first }] = ends as [{ upper: string; first: string }];
  const lower = BigInt(upper) - BigInt(reach);
  const { rows: events } = await owner.query<RecentEvent>(
    `with page as (
       select id, topic, key, organisation_id, emitted_at from devflow.event
       where id < $1 and id >= $2
         and ($3::text is null or topic = $3 or ($3 like '%.*' and starts_with(topic, left($3, -1))))
       order by id desc limit $4
     )
     select id, topic, key, organisation_id as organisation, emitted_at as "emittedAt", (${openDeliveries}) as open
     from page p order by p.id desc`,
    [upper, lower.toString(), topic, limit],
  );
  const last = events.length === limit ? BigInt(events.at(-1)?.id ?? 0) : lower;
  return { events, next: last > BigInt(first) ? last.toString() : null };
}

/** @returns undefined when there is none, or none any more */
export async function readEvent(owner: Pool, id: string): Promise<(RecentEvent & { payload: unknown }) | undefined> {
  const { rows } = await owner.query<RecentEvent & { payload: unknown }>(
    `select id, topic, key, organisation_id as organisation, emitted_at as "emittedAt", payload, (${openDeliveries}) as open
     from devflow.event p where id = $1`,
    [id],
  );
  return rows[0];
}

/** Topics of the newest events, in order. */
export async function listTopics(owner: Pool): Promise<string[]> {
  const { rows } = await owner.query<{ topic: string }>(
    `select distinct topic from (select topic from devflow.event order by id desc limit $1) e order by topic`,
    [sample],
  );
  return rows.map(({ topic }) => topic);
}

const openDeliveries = `select coalesce(jsonb_agg(to_jsonb(o) order by o.subscriber), '[]') from (
  select d.subscriber, case when d.attempts > 0 then 'failing' else 'waiting' end as state, d.attempts,
    d.retry_at as "retryAt", d.error
  from devflow.delivery d where d.event_id = p.id
  union all
  select l.subscriber, 'failed', l.attempts, null, l.error from devflow.dead_letter l where l.event_id = p.id
) o`;
