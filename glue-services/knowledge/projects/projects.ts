import { ApiError, audit, type Database, type Tenant, type Transaction } from "../../kit/index.ts";
import type { ProjectChange, ProjectGiven, ProjectTold } from "./schemas.ts";

interface Row extends Omit<ProjectTold, "createdAt" | "changedAt"> {
  createdAt: Date;
  changedAt: Date;
}

/** Projects, the last changed first; all, one, or those whose title or description has the words. */
export async function findProjects(
  database: Database,
  tenant: Tenant,
  {
    id,
    words,
    archived = false,
  }: { id?: string | undefined; words?: string | undefined; archived?: boolean | undefined },
): Promise<ProjectTold[]> {
  const { rows } = await database.query<Row>(tenant, {
    name: "knowledge.projects",
    text: `select p.id, p.title, p.description, p.repository, p.archived_at is not null as archived,
        p.created_at as "createdAt", p.changed_at as "changedAt",
        array(select source_id::text from project_source s where s.project_id = p.id order by 1) as sources,
        (select count(*)::int from document d where d.project_id = p.id) as documents,
        (select jsonb_build_object('todo', count(*) filter (where status = 'todo'), 'doing',
          count(*) filter (where status = 'doing'), 'review', count(*) filter (where status = 'review'),
          'done', count(*) filter (where status = 'done'))
          from task t where t.project_id = p.id and t.archived_at is null) as tasks
      from project p
      where ($1::uuid is null or p.id = $1) and ($1::uuid is not null or $3 or p.archived_at is null)
        and ($2::text is null or strpos(lower(p.title || ' ' || p.description), lower($2)) > 0)
      order by p.changed_at desc limit 200`,
    values: [id, words, archived],
  });
  return rows.map((row) => ({
    ...row,
    createdAt: row.createdAt.toISOString(),
    changedAt: row.changedAt.toISOString(),
  }));
}

/** @throws ApiError NOT_FOUND */
export async function readProject(database: Database, tenant: Tenant, id: string): Promise<ProjectTold> {
  const [project] = await findProjects(database, tenant, { id });
  if (!project) throw missing();
  return project;
}

export async function addProject(database: Database, tenant: Tenant, given: ProjectGiven): Promise<ProjectTold> {
  const id = await database.withTenant(tenant, async (tx) => {
    const { rows } = await tx.query<{ id: string }>(
      "insert into project (title, description, repository) values ($1, $2, $3) returning id",
      [given.title.trim(), given.description ?? "", given.repository],
    );
    const made = rows[0]?.id as string;
    await audit(tx, { action: "project.added", target: made, name: given.title.trim() });
    if (given.sources) await linkSources(tx, made, given.sources);
    return made;
  });
  return readProject(database, tenant, id);
}

/** @throws ApiError NOT_FOUND, INVALID */
export async function changeProject(
  database: Database,
  tenant: Tenant,
  id: string,
  change: ProjectChange,
): Promise<ProjectTold> {
  await database.withTenant(tenant, async (tx) => {
    const { rows } = await tx.query<{ title: string }>(
      `update project set title = coalesce($2, title), description = coalesce($3, description),
        repository = case when $4 then $5 else repository end,
        archived_at = case when $6::boolean is null then archived_at when $6 then coalesce(archived_at, now()) end,
        changed_at = now() where id = $1 returning title`,
      [
        id,
        change.title?.trim(),
        change.description,
        change.repository !== undefined,
        change.repository,
        change.archived,
      ],
    );
    if (!rows[0]) throw missing();
    await audit(tx, { action: "project.changed", target: id, name: rows[0].title, details: change });
    if (change.sources) await linkSources(tx, id, change.sources);
  });
  return readProject(database, tenant, id);
}

/** @throws ApiError NOT_FOUND */
export async function removeProject(database: Database, tenant: Tenant, id: string): Promise<void> {
  await database.withTenant(tenant, async (tx) => {
    const { rows } = await tx.query<{ title: string }>("delete from project where id = $1 returning title", [id]);
    if (!rows[0]) throw missing();
    await audit(tx, { action: "project.removed", target: id, name: rows[0].title });
  });
}

async function linkSources(tx: Transaction, project: string, sources: readonly string[]): Promise<void> {
  const wanted = [...new Set(sources)];
  await tx.query("delete from project_source where project_id = $1 and source_id <> all ($2)", [project, wanted]);
  const { rowCount } = await tx.query("select from source where id = any ($1)", [wanted]);
  if (rowCount !== wanted.length) throw new ApiError("INVALID", "One of the sources does not exist.");
  await tx.query(
    "insert into project_source (project_id, source_id) select $1, unnest($2::uuid[]) on conflict do nothing",
    [project, wanted],
  );
}

/** Marks a project as changed, and says so when there is none. @throws ApiError NOT_FOUND */
export async function touchProject(tx: Transaction, id: string): Promise<void> {
  const { rowCount } = await tx.query("update project set changed_at = now() where id = $1", [id]);
  if (rowCount === 0) throw missing();
}

function missing(): ApiError {
  return new ApiError("NOT_FOUND", "There is no such project.");
}
