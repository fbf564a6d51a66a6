import type { Transaction } from "../../kit/index.ts";
import { type ProjectEvent, projectParts } from "../../projects/contract.ts";

/** Keeps a row for each project, by which its documents, tasks and sources hang together. */
export const followProjects = projectParts("knowledge", {
  created: keep,
  renamed: keep,
  archived: ({ project }, tx) =>
    tx.query("update project set archived_at = coalesce(archived_at, now()) where id = $1", [project]),
  restored: ({ project }, tx) => tx.query("update project set archived_at = null where id = $1", [project]),
  removed: ({ project }, tx) => tx.query("delete from project where id = $1", [project]),
});

/** The project's row, as the project is called now. */
export async function keep(
  { project, name, description }: Pick<ProjectEvent, "project" | "name" | "description">,
  tx: Transaction,
): Promise<void> {
  await tx.query(
    `insert into project (id, title, description) values ($1, $2, $3)
     on conflict (id) do update set title = excluded.title, description = excluded.description`,
    [project, name, description],
  );
}
