import { ApiError, type App, audit, type Database } from "../kit/index.ts";
import { administers, type Fact, projectParts, projectsContract, type Who } from "../projects/contract.ts";

/** A project's keys are refused and its budgets end with it; what it has used stays counted. */
export const followProjects = projectParts("ai_gateway", {
  async removed({ project }, tx) {
    const { rows } = await tx.query<{ id: string; name: string }>(
      "update virtual_key set revoked_at = now() where project_id = $1 and revoked_at is null returning id, name",
      [project],
    );
    for (const { id, name } of rows) await audit(tx, { action: "key.revoked", target: id, name, details: { project } });
    const budgets = await tx.query<{ id: string; unit: string; period: string }>(
      "delete from budget where level = 'project' and subject = $1 returning id, unit, period",
      [project],
    );
    for (const { id, unit, period } of budgets.rows) {
      const name = `${unit} a ${period} of the project`;
      await audit(tx, { action: "budget.removed", target: id, name, details: { project } });
    }
  },
});

/**
 * Refuses whoever may not take away what is a project's: that needs the role that making it does. An archived project lets
 * go of its keys too, which work on in it.
 *
 * @param missing how it says that there is no such thing, to somebody who may not know of the project
 * @throws ApiError NOT_FOUND, FORBIDDEN
 */
export async function demandRemoval(app: App, who: Who, project: string, missing: () => ApiError): Promise<void> {
  if (administers(who)) return;
  await app
    .use(projectsContract)
    .demand({ who, project, role: "maintainer", states: ["active", "archived", "deleting"] })
    .catch((error: unknown) => {
      throw error instanceof ApiError && error.code === "NOT_FOUND" ? missing() : error;
    });
}

/** Its keys, and what calls of models cost it in the last 30 days. */
export async function tellOfProject(database: Database, who: Who, project: string): Promise<Fact[]> {
  if (!who.scopes.some((scope) => scope === "*" || scope === "ai:read")) return [];
  const { rows } = await database.query<{ keys: number; requests: number; cost: number }>(who, {
    name: "ai.of-project",
    text: `select (select count(*)::int from virtual_key where project_id = $1 and revoked_at is null) as keys,
        coalesce(sum(requests), 0)::int as requests, coalesce(sum(cost), 0)::float8 / 1e9 as cost
      from usage_day where project_id = $1 and day >= (now() at time zone 'utc')::date - 30`,
    values: [project],
  });
  const { keys = 0, requests = 0, cost = 0 } = rows[0] ?? {};
  return [
    { product: "Hub", title: "Model keys", value: String(keys), path: "/hub/keys" },
    { product: "Hub", title: "Model calls in 30 days", value: String(requests), path: "/hub/usage?by=project" },
    { product: "Hub", title: "Model cost in 30 days", value: `$${cost.toFixed(2)}`, path: "/hub/usage?by=project" },
  ];
}
