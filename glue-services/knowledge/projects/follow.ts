import type { Transaction } from "../../kit/index.ts";
import { type ProjectEvent, projectParts } from "../../projects/contract.ts";

/** Keeps a row for each project, by which its documents, tasks and sources hang together. */
export const followProjects = projectParts("knowledge", {
  created: keep,
  renamed: keep,
  archived: keep,
  restored: keep,
  async removed({ project }, tx) {
    await lock(tx, project);
    await tx.query("insert into removed_project (id) values ($1) on conflict do nothing", [project]);
    await tx.query("delete from project where id = $1", [project]);
  },
});

/** The project's row, as the project is at this revision. Nothing happens when the row is newer, or the project is gone. */
export async function keep(
  { project, name, description, state, revision }: Omit<ProjectEvent, "change" | "slug">,
  tx: Transaction,
): Promise<void> {
  await lock(tx, project);
  await tx.query(
    `insert into project (id, title, description, archived_at, revision)
     select $1, $2, $3, case when $4 then now() end, $5
     where not exists (select from removed_project where id = $1)
     on conflict (id) do update set title = excluded.title, description = excluded.description,
       archived_at = case when $4 then coalesce(project.archived_at, now()) end, revision = excluded.revision
     where project.revision < excluded.revision`,
    [project, name, description, state === "archived", revision],
  );
}

/** Of a removal and something older at once, the second sees what the first did. */
function lock(tx: Transaction, project: string): Promise<unknown> {
  return tx.query("select pg_advisory_xact_lock(hashtextextended('knowledge project ' || $1, 0))", [project]);
}
