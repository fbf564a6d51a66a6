import { type App, type Feed, holds, type Identity, type Need } from "../kit/index.ts";
import { secretsContract } from "../secrets/contract.ts";
import { periodOf } from "./limits/period.ts";
import type { Period } from "./schemas.ts";

/** Part of a budget from which on it is said, and from which on calls are about to be refused. */
const near = { early: 0.8, end: 1 };

/** Providers without a key or an answer, and budgets near their end. */
export const feed: Feed = {
  async needs(app, identity) {
    if (!holds(identity, "ai:read")) return [];
    return [...(await providers(app, identity)), ...(await budgets(app, identity))];
  },
  async steps(app, identity) {
    if (!holds(identity, "ai:manage")) return {};
    const { rows } = await app.database.query<{ connected: boolean; asked: boolean }>(identity, {
      text: `select exists (select from provider where answered_at is not null) or exists (select from usage where status = 'ok' and surface <> 'embeddings') as connected,
        exists (select from usage where status in ('ok', 'cached') and service is null) as asked`,
    });
    return { "connect-model": rows[0]?.connected ?? false, "ask-model": rows[0]?.asked ?? false };
  },
};

async function providers(app: App, identity: Identity): Promise<Need[]> {
  if (!holds(identity, "ai:manage")) return [];
  const { rows } = await app.database.query<{
    name: string;
    secret: string | null;
    status: string | null;
    code: number | null;
    at: Date | null;
  }>(identity, {
    text: `select p.name, p.secret, last.status, last.code, last.at from provider p
      left join lateral (select u.status, u.code, u.at from usage u
        where u.provider = p.name and u.at > now() - interval '1 day' and u.status <> 'cancelled' order by u.at desc limit 1
      ) last on true order by p.name`,
  });
  const missing = async (name: string) =>
    app.reaches(secretsContract) &&
    (await app.use(secretsContract).tierOf({ tenant: identity, wanted: { name } })) === null;
  const needs: Need[] = [];
  for (const { name, secret, status, code, at } of rows) {
    const path = `/hub/models?provider=${encodeURIComponent(name)}`;
    if (secret && (await missing(secret))) {
      needs.push({
        ...{ id: `provider ${name} key`, state: "failed", path, action: "Add the key" },
        what: `The provider ${name} has no key`,
        why: `There is no secret ${secret}.`,
      });
    } else if (status === "failed") {
      needs.push({
        ...{ id: `provider ${name}`, state: "degraded", path, action: "Test the provider" },
        what: `The provider ${name} does not answer`,
        why: `Its last call ended with ${code}.`,
        ...(at && { since: at.toISOString() }),
      });
    }
  }
  return needs;
}

async function budgets(app: App, identity: Identity): Promise<Need[]> {
  const { rows } = await app.database.query<{
    id: string;
    level: string;
    unit: string;
    period: Period;
    amount: string;
    spent: Record<string, string>;
  }>(identity, {
    text: `select id, level, unit, period, amount, coalesce((select jsonb_object_agg(
        (extract(epoch from period_start) * 1000)::bigint, spent) from counter where budget_id = b.id), '{}') as spent
      from budget b`,
  });
  return rows.flatMap(({ id, level, unit, period, amount, spent }): Need[] => {
    const { start } = periodOf(period, Date.now());
    const part = Number(spent[String(start)] ?? 0) / Number(amount);
    if (!(part >= near.early)) return [];
    return [
      {
        id: `budget ${id}`,
        state: part >= near.end ? "failed" : "degraded",
        what: `${Math.floor(part * 100)} % of the budget of ${unit} a ${period} of the ${level} is used`,
        ...(part >= near.end && { why: "Calls that count for it are refused." }),
        path: "/hub/budgets",
        action: "Look at the budgets",
      },
    ];
  });
}
