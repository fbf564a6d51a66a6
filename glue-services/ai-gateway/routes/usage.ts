import { Type } from "typebox";
import { type App, TimeZone } from "../../kit/index.ts";
import { visibleProjects } from "../../projects/contract.ts";
import type { Gateway } from "../call/context.ts";
import { priceOf } from "../prices/prices.ts";
import { freeModels, type Group, groups, sumsOf } from "./usage-sums.ts";

const tags = ["ai"];
const UsageQuery = Type.Object({
  by: Type.Enum(Object.keys(groups) as Group[], { default: "day" }),
  from: Type.Optional(Type.String({ format: "date", description: "First day. @default 30 days ago" })),
  to: Type.Optional(Type.String({ format: "date", description: "Last day. @default today" })),
  tz: Type.Optional(TimeZone),
});
const UsageSum = Type.Object({
  group: Type.Union([Type.String(), Type.Null()]),
  name: Type.Union([Type.String(), Type.Null()]),
  requests: Type.Number(),
  failures: Type.Number(),
  cached: Type.Number(),
  inputTokens: Type.Number(),
  outputTokens: Type.Number(),
  cost: Type.Number({ description: "Dollars." }),
  unpriced: Type.Boolean({ description: "Calls are in it of models of which nobody knows the price." }),
});
const CallShown = Type.Object({
  id: Type.String(),
  at: Type.String(),
  asked: Type.String(),
  provider: Type.String(),
  model: Type.String(),
  surface: Type.String(),
  status: Type.String(),
  code: Type.Number(),
  inputTokens: Type.Number(),
  outputTokens: Type.Number(),
  cost: Type.Number(),
  unpriced: Type.Boolean({ description: "Nobody knows what the model costs." }),
  ms: Type.Number(),
  streamed: Type.Boolean(),
  key: Type.Union([Type.String(), Type.Null()]),
  person: Type.Union([Type.String(), Type.Null()]),
  service: Type.Union([Type.String(), Type.Null()]),
});
const AuditShown = Type.Object({
  id: Type.String(),
  at: Type.String(),
  person: Type.Union([Type.String(), Type.Null()]),
  action: Type.String(),
  target: Type.Union([Type.String(), Type.Null()]),
  details: Type.Record(Type.String(), Type.Unknown()),
});

/** What was used, by whom and for how much. */
export function usageRoutes(app: App, gateway: Gateway): void {
  const auth = { scope: "ai:read" } as const;

  app.get(
    "/api/ai/usage",
    {
      auth,
      schema: { tags, summary: "Sums of usage", querystring: UsageQuery, response: { 200: Type.Array(UsageSum) } },
    },
    async ({ identity, query }) => {
      const isUnpriced = await unpricedOf(gateway, identity.organisation);
      const wanted = { ...query, visible: await visibleProjects(app, identity) };
      const free = await freeModels(app.database, identity, wanted);
      const unpriced = free.filter(isUnpriced).map(({ provider, model }) => `${provider}/${model}`);
      const rows = await sumsOf(app.database, identity, wanted, unpriced);
      return rows.map(({ group, name, unpriced: some, ...sums }) => ({
        group,
        name,
        unpriced: some === true,
        ...numbers(sums),
      }));
    },
  );

  app.get(
    "/api/ai/calls",
    { auth, schema: { tags, summary: "The latest calls", response: { 200: Type.Array(CallShown) } } },
    async ({ identity }) => {
      const { rows } = await app.database.query<Record<string, string | number | boolean | Date | null>>(identity, {
        name: "ai.calls",
        text: `select id, at, asked, provider, model, surface, status, code, input_tokens::float8 as "inputTokens",
          output_tokens::float8 as "outputTokens", cost::float8 / 1e9 as cost, ms, streamed, key_id as key, person, service
          from usage where project_id is null or $1::uuid[] is null or project_id = any ($1) order by at desc limit 200`,
        values: [await visibleProjects(app, identity)],
      });
      const isUnpriced = await unpricedOf(gateway, identity.organisation);
      return rows.map((row) => {
        const free = row.status === "cached" || row.status === "failed" || Number(row.cost) > 0;
        const unpriced = !free && isUnpriced({ provider: String(row.provider), model: String(row.model) });
        return { ...row, at: (row.at as Date).toISOString(), unpriced } as never;
      });
    },
  );

  app.get(
    "/api/ai/audit",
    {
      auth: { scope: "audit:read" },
      schema: { tags, summary: "Who changed what, the latest first", response: { 200: Type.Array(AuditShown) } },
    },
    async ({ identity }) => {
      const { rows } = await app.database.query<{ at: Date }>(identity, {
        name: "ai.audit",
        // Its guardrails and its administrators write in the same log.
        text: "select id::text, at, person, action, target, details from audit order by audit.id desc limit 200",
      });
      return rows.map((row) => ({ ...row, at: row.at.toISOString() }) as never);
    },
  );
}

function numbers<Name extends string>(row: Record<Name, string>): Record<Name, number> {
  return Object.fromEntries(Object.entries<string>(row).map(([name, value]) => [name, Number(value)])) as Record<
    Name,
    number
  >;
}

/** Whether nobody knows today what a model costs; of a provider that is gone nobody does. */
async function unpricedOf(gateway: Gateway, organisation: string) {
  const settings = await gateway.callers.settings.get(organisation);
  if (!settings) throw new Error("An organisation's settings are always an answer.");
  const providers = new Map(gateway.planner.providers({ organisation, settings }).map((one) => [one.name, one]));
  return ({ provider: name, model }: { provider: string; model: string }) => {
    const provider = providers.get(name);
    return !provider || priceOf({ provider, model }, settings.prices) === undefined;
  };
}
