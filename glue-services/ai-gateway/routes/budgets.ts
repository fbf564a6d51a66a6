import { type Static, Type } from "typebox";
import { ApiError, type App, type Tenant } from "../../kit/index.ts";
import { projectsContract, visibleProjects } from "../../projects/contract.ts";
import { record } from "../audit.ts";
import { periodOf } from "../limits/period.ts";
import { demandRemoval } from "../projects.ts";
import { BudgetGiven, type Period } from "../schemas.ts";

const tags = ["ai"];
const ById = Type.Object({ id: Type.String({ format: "uuid" }) });

export const BudgetShown = Type.Object({
  id: Type.String(),
  level: Type.String(),
  subject: Type.Union([Type.String(), Type.Null()]),
  model: Type.Union([Type.String(), Type.Null()]),
  unit: Type.String(),
  period: Type.String(),
  amount: Type.Number({ description: "Dollars, tokens or requests." }),
  spent: Type.Number({ description: "Of the current period, in the same unit." }),
});

const nano = 1e9;

/** How much may be used. Amounts of money are dollars here. */
export function budgetRoutes(app: App): void {
  app.get(
    "/api/ai/budgets",
    {
      auth: { scope: "ai:read" },
      schema: { tags, summary: "Budgets and what is used of them", response: { 200: Type.Array(BudgetShown) } },
    },
    async ({ identity }) => {
      const { rows } = await app.database.query<Row>(identity, {
        name: "ai.budgets",
        text: `select id, level, subject, ${projectOf} as project, model, unit, amount, period, coalesce((select jsonb_object_agg(
          (extract(epoch from period_start) * 1000)::bigint, spent) from counter where budget_id = b.id), '{}') as spent
          from budget b order by level, unit, period`,
      });
      const visible = rows.some(({ project }) => project !== null) ? await visibleProjects(app, identity) : [];
      return rows.filter(({ project }) => project === null || !visible || visible.includes(project)).map(shown);
    },
  );

  app.put(
    "/api/ai/budgets",
    {
      auth: { scope: "ai:manage" },
      schema: { tags, summary: "Set a budget", body: BudgetGiven, response: { 200: ById } },
    },
    async ({ identity, body }) => {
      const { level, subject, model, unit, amount, period } = body;
      if ((level === "organisation") !== (subject === undefined)) {
        throw new ApiError(
          "INVALID",
          "A budget of a project, key or person names it as subject; the organisation's does not.",
        );
      }
      const whole = unit === "money" ? Math.round(amount * nano) : Math.floor(amount);
      if (!Number.isSafeInteger(whole)) {
        throw new ApiError(
          "INVALID",
          `A budget of ${unit} is at most ${Math.floor(Number.MAX_SAFE_INTEGER / scaleOf(unit))}.`,
        );
      }
      const project = level === "key" ? await projectOfKey(app, identity, subject) : level === "project" && subject;
      if (project) await app.use(projectsContract).demand({ who: identity, project, role: "maintainer" });
      return app.database.withTenant(identity, async (tx) => {
        const { rows } = await tx.query<{ id: string }>(
          `insert into budget (level, subject, model, unit, amount, period) values ($1, $2, $3, $4, $5, $6)
           on conflict (organisation_id, level, subject, model, unit, period) do update set amount = excluded.amount
           returning id`,
          [level, subject, model, unit, whole, period],
        );
        const { id } = rows[0] as { id: string };
        await record(tx, identity, { action: "budget.set", target: id, name: nameOf(body), details: body });
        return { id };
      });
    },
  );

  app.delete(
    "/api/ai/budgets/:id",
    {
      auth: { scope: "ai:manage" },
      schema: { tags, summary: "Take a budget away", params: ById, response: { 204: Type.Null() } },
    },
    async ({ identity, params }, reply) => {
      const found = await app.database.query<Pick<Row, "project">>(identity, {
        name: "ai.budget-to-remove",
        text: `select ${projectOf} as project from budget b where id = $1`,
        values: [params.id],
      });
      if (!found.rows[0]) throw missing();
      const { project } = found.rows[0];
      if (project !== null) await demandRemoval(app, identity, project, missing);
      await app.database.withTenant(identity, async (tx) => {
        const text = "delete from budget where id = $1 returning level, model, unit, period";
        const { rows } = await tx.query<Parameters<typeof nameOf>[0]>(text, [params.id]);
        if (!rows[0]) throw missing();
        await record(tx, identity, { action: "budget.removed", target: params.id, name: nameOf(rows[0]) });
      });
      return reply.code(204).send(null);
    },
  );
}

/** The project that a budget `b` is of, by itself or by its key. */
const projectOf = `case b.level when 'project' then b.subject
  when 'key' then (select k.project_id from virtual_key k where k.id = b.subject) end`;

async function projectOfKey(app: App, tenant: Tenant, key: string | undefined): Promise<string | null> {
  const { rows } = await app.database.query<{ project: string | null }>(tenant, {
    name: "ai.project-of-key",
    text: "select project_id as project from virtual_key where id = $1",
    values: [key],
  });
  return rows[0]?.project ?? null;
}

function missing(): ApiError {
  return new ApiError("NOT_FOUND", "There is no such budget.");
}

function scaleOf(unit: string): number {
  return unit === "money" ? nano : 1;
}

/** As the audit log calls it. */
function nameOf({
  level,
  model,
  unit,
  period,
}: {
  level: string;
  model?: string | null;
  unit: string;
  period: string;
}) {
  return `${unit} a ${period} of the ${level}${model ? `, ${model}` : ""}`;
}

interface Row {
  id: string;
  level: string;
  subject: string | null;
  project: string | null;
  model: string | null;
  unit: string;
  amount: string;
  period: Period;
  spent: Record<string, number>;
}

function shown({ amount, spent, project: _project, ...row }: Row): Static<typeof BudgetShown> {
  const scale = scaleOf(row.unit);
  const { start } = periodOf(row.period, Date.now());
  return { ...row, amount: Number(amount) / scale, spent: (spent[String(start)] ?? 0) / scale };
}
