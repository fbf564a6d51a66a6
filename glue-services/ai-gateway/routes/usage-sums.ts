import { type Database, demandZone, type Tenant } from "../../kit/index.ts";

export const groups = {
  day: "day::text",
  model: "provider || '/' || model",
  key: "key_id::text",
  project: "project_id::text",
} as const;
export type Group = keyof typeof groups;

export interface SumsWanted {
  by: Group;
  /** First and last day, such as 2026-01-31. @default the last 30 days */
  from?: string | undefined;
  to?: string | undefined;
  /** Projects that whoever asks may see: what others used is not counted. Undefined: they see all that was used. */
  visible: readonly string[] | undefined;
  /** Whose midnight ends a day. @default UTC */
  tz?: string | undefined;
}

/** Sums as PostgreSQL has them: numbers are texts. */
export interface Sums {
  group: string | null;
  name: string | null;
  requests: string;
  failures: string;
  cached: string;
  inputTokens: string;
  outputTokens: string;
  cost: string;
  unpriced: boolean | null;
}

/** Models that cost nothing in these days: perhaps because nobody knows their price. */
export async function freeModels(database: Database, tenant: Tenant, wanted: SumsWanted) {
  const { text, values } = await rowsOf(database, tenant, wanted);
  const { rows } = await database.query<{ provider: string; model: string }>(tenant, {
    text: `${text} select distinct provider, model from used where cost = 0 and input_tokens + output_tokens > 0 limit 2000`,
    values,
  });
  return rows;
}

/** @param unpriced models, as `provider/model`, whose price nobody knows */
export async function sumsOf(
  database: Database,
  tenant: Tenant,
  wanted: SumsWanted,
  unpriced: readonly string[],
): Promise<Sums[]> {
  const { text, values } = await rowsOf(database, tenant, wanted);
  const { rows } = await database.query<Sums>(tenant, {
    text: `${text} select g.*, case when $5 = 'key' then (select name from virtual_key where id::text = g."group") end as name
      from (select ${groups[wanted.by]} as "group", sum(requests) as requests, sum(failures) as failures,
        sum(cached) as cached, sum(input_tokens) as "inputTokens", sum(output_tokens) as "outputTokens",
        sum(cost)::numeric / 1e9 as cost, bool_or(cost = 0 and provider || '/' || model = any ($6)) as unpriced
      from used group by 1 order by ${wanted.by === "day" ? "1" : "cost desc, requests desc"} limit 1000) g`,
    values: [...values, wanted.by, unpriced],
  });
  return rows;
}

const columns =
  "day, project_id, key_id, provider, model, requests, failures, cached, input_tokens, output_tokens, cost";

/**
 * The rows to add up, as `used`. Days of UTC are summed already. Those of another zone are summed from the calls
 * themselves; where calls are kept no longer, sums of UTC's days stand for them, so that nothing is left out or counted
 * twice.
 */
async function rowsOf(database: Database, tenant: Tenant, { from, to, visible, tz = "UTC" }: SumsWanted) {
  demandZone(tz);
  const range =
    "(project_id is null or $4::uuid[] is null or project_id = any ($4)) and day between coalesce($1::date, (now() at time zone $3)::date - 30) and coalesce($2::date, (now() at time zone $3)::date)";
  if (tz === "UTC") {
    return { text: `with used as (select ${columns} from usage_day where ${range})`, values: [from, to, tz, visible] };
  }
  const kept = await keptSince(database, tenant);
  // The day before and after hold all of a zone's day, whatever the zone.
  const near = `at >= coalesce($1::date, current_date - 31) - interval '2 days'
    and at < coalesce($2::date, current_date + 1) + interval '3 days'`;
  const calls = `select (at at time zone $3)::date as day, project_id, key_id, provider, model, 1 as requests,
      (status in ('failed', 'cut'))::int as failures, (status = 'cached')::int as cached, input_tokens, output_tokens, cost
    from usage where ${near}`;
  const text = kept
    ? `with used as (
        select * from (${calls} and at >= '${kept}T00:00:00Z') recent where ${range}
        union all select ${columns} from usage_day where day < '${kept}' and ${range}
      )`
    : `with used as (select * from (${calls}) recent where ${range})`;
  return { text, values: [from, to, tz, visible] };
}

/** The first day of UTC of which all calls are kept; undefined when that is true of all days. */
async function keptSince(database: Database, tenant: Tenant): Promise<string | undefined> {
  const { rows } = await database.query<{ since: string | null }>(tenant, {
    name: "ai.usage.kept",
    text: `with first as (select (min(at) at time zone 'utc')::date as day from usage)
      select case when exists (select from usage_day d where d.day < first.day)
          or (select sum(requests) from usage_day d where d.day = first.day)
            > (select count(*) from usage where at < (first.day + 1)::timestamp at time zone 'utc')
        then (first.day + 1)::text
        when first.day is null then (current_date + 1)::text end as since
      from first`,
  });
  return rows[0]?.since ?? undefined;
}
