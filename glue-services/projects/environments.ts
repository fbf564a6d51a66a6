import { ApiError, audit, type Database } from "../kit/index.ts";
import { lockProject, readProject } from "./access.ts";
import type { EnvironmentShown, Who } from "./schemas.ts";

interface Row {
  id: string;
  name: string;
  createdAt: Date;
}

const columns = `id, name, created_at as "createdAt"`;

/** Production first, then staging, then previews, the newest first. @throws ApiError NOT_FOUND */
export async function listEnvironments(database: Database, who: Who, project: string): Promise<EnvironmentShown[]> {
  const { id } = await readProject(database, who, project);
  const { rows } = await database.query<Row>(who, {
    name: "projects.environments",
    text: `select ${columns} from environment where project_id = $1
      order by array_position(array['production', 'staging'], name), created_at desc limit 1000`,
    values: [id],
  });
  return rows.map(shown);
}

/** @throws ApiError NOT_FOUND, FORBIDDEN, CONFLICT */
export async function addEnvironment(
  database: Database,
  who: Who,
  project: string,
  name: string,
): Promise<EnvironmentShown> {
  return database.withTenant(who, async (tx) => {
    const found = await lockProject(tx, who, project, { role: "maintainer" });
    const { rows } = await tx.query<Row>(
      `insert into environment (project_id, name) values ($1, $2) on conflict (project_id, name) do nothing returning ${columns}`,
      [found.id, name],
    );
    if (!rows[0]) throw new ApiError("CONFLICT", `The project has an environment ${name} already.`);
    const details = { environment: name, page: `/projects/${found.id}` };
    await audit(tx, { action: "project.environment-added", target: found.id, name: found.name, details });
    return shown(rows[0]);
  });
}

/** @throws ApiError NOT_FOUND, FORBIDDEN, CONFLICT for production, which every project has */
export async function removeEnvironment(database: Database, who: Who, project: string, id: string): Promise<void> {
  await database.withTenant(who, async (tx) => {
    const found = await lockProject(tx, who, project, { role: "maintainer" });
    const { rows } = await tx.query<{ name: string }>(
      "delete from environment where project_id = $1 and id = $2 returning name",
      [found.id, id],
    );
    if (!rows[0]) throw new ApiError("NOT_FOUND", "The project has no such environment.");
    if (rows[0].name === "production") throw new ApiError("CONFLICT", "Every project has production.");
    const details = { environment: rows[0].name, page: `/projects/${found.id}` };
    await audit(tx, { action: "project.environment-removed", target: found.id, name: found.name, details });
  });
}

function shown(row: Row): EnvironmentShown {
  return { ...row, createdAt: row.createdAt.toISOString() };
}
