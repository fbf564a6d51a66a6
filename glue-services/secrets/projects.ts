import type { Database } from "../kit/index.ts";
import { type Fact, projectParts, type Who } from "../projects/contract.ts";
import { record } from "./audit.ts";
import { remove } from "./store.ts";

/** A project's secrets go with it. */
export const followProjects = projectParts("secrets", {
  async removed({ project }, tx) {
    const { rows } = await tx.query<{ name: string }>("select name from secret where project_id = $1 order by name", [
      project,
    ]);
    for (const { name } of rows) {
      const { version } = await remove(tx, name, { project });
      await record(tx, { action: "deleted", tier: "project", name, project, version });
    }
  },
});

/** How many a project has. */
export async function tellOfProject(database: Database, who: Who, project: string): Promise<Fact[]> {
  if (!who.scopes.some((scope) => scope === "*" || scope === "secrets:read")) return [];
  const { rows } = await database.query<{ count: number }>(who, {
    name: "secrets.of-project",
    text: "select count(*)::int as count from secret where project_id = $1",
    values: [project],
  });
  return [{ product: "Platform", title: "Secrets", value: String(rows[0]?.count ?? 0), path: "/secrets" }];
}
