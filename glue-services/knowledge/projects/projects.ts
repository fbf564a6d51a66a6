import { ApiError, audit, type Transaction } from "../../kit/index.ts";
import { projectsContract } from "../../projects/contract.ts";
import { demand, type Hub, visible, type Who } from "./access.ts";
import { keep } from "./follow.ts";
import type { ProjectChange, ProjectGiven, ProjectTold } from "./schemas.ts";

interface Row extends Omit<ProjectTold, "createdAt" | "changedAt"> {
  createdAt: Date;
  changedAt: Date;
}

/** Projects, the last changed first; all, one, or those whose title or description has the words. */
export async function findProjects(
  on: Hub,
  who: Who,
  {
    id,
    words,
    archived = false,
  }: { id?: string | undefined; words?: string | undefined; archived?: boolean | undefined },
): Promise<ProjectTold[]> {
  const among = id === undefined ? await visible(on, who) : [id];
  if (id !== undefined) await demand(on, who, id, "viewer");
  const { rows } = await on.database.query<Row>(who, {
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
      where p.id = any ($1::uuid[]) and ($4 or $3 or p.archived_at is null)
        and ($2::text is null or strpos(lower(p.title || ' ' || p.description), lower($2)) > 0)
      order by p.changed_at desc limit 1000`,
    values: [among, words, archived, id !== undefined],
  });
  return rows.map((row) => ({
    ...row,
    createdAt: row.createdAt.toISOString(),
    changedAt: row.changedAt.toISOString(),
  }));
}

/** @throws ApiError NOT_FOUND */
export async function readProject(on: Hub, who: Who, id: string): Promise<ProjectTold> {
  const [project] = await findProjects(on, who, { id });
  if (!project) throw missing();
  return project;
}

/** Makes it for all products. @throws ApiError INVALID */
export async function addProject(on: Hub, who: Who, given: ProjectGiven): Promise<ProjectTold> {
  const { title, description, repository, sources = [] } = given;
  await on.database.readTenant(who, (tx) => demandSources(tx, sources));
  const made = await on.app
    .use(projectsContract)
    .create({ who, given: { name: title, ...(description && { description }) } });
  const { id } = made;
  await on.database.withTenant(who, async (tx) => {
    await keep({ ...made, project: id }, tx);
    if (repository) await tx.query("update project set repository = $2 where id = $1", [id, repository]);
    await linkSources(tx, id, sources);
  });
  return readProject(on, who, id);
}

/** Its name, description and state are changed for all products. @throws ApiError NOT_FOUND, FORBIDDEN, INVALID, CONFLICT */
export async function changeProject(on: Hub, who: Who, id: string, change: ProjectChange): Promise<ProjectTold> {
  const { title, description, archived, repository, sources } = change;
  const projects = on.app.use(projectsContract);
  const asked = { who, project: id };
  if (archived === false) await projects.archive({ ...asked, archived: false });
  if (title !== undefined || description !== undefined) {
    const change = { ...(title && { name: title }), ...(description !== undefined && { description }) };
    await projects.change({ ...asked, change });
  }
  if (repository !== undefined || sources !== undefined) await demand(on, who, id, "member");
  const found = archived
    ? await projects.archive({ ...asked, archived: true })
    : await projects.demand({ ...asked, role: "viewer" });
  await on.database.withTenant(who, async (tx) => {
    await keep({ ...found, project: id }, tx);
    const { rowCount } = await tx.query(
      `update project set repository = case when $2 then $3 else repository end, changed_at = now() where id = $1`,
      [id, repository !== undefined, repository],
    );
    if (rowCount === 0) throw missing();
    const own = { ...(repository !== undefined && { repository }), ...(sources && { sources }) };
    if (Object.keys(own).length > 0)
      await audit(tx, { action: "project.changed", target: id, name: found.name, details: own });
    if (sources) await linkSources(tx, id, sources);
  });
  return readProject(on, who, id);
}

/** Begins its deletion for all products; here it is gone at once. @throws ApiError NOT_FOUND, FORBIDDEN */
export async function removeProject(on: Hub, who: Who, id: string): Promise<void> {
  await on.app.use(projectsContract).remove({ who, project: id });
}

/** @throws ApiError INVALID */
async function demandSources(tx: Transaction, sources: readonly string[]): Promise<void> {
  const wanted = [...new Set(sources)];
  const { rowCount } = await tx.query("select from source where id = any ($1)", [wanted]);
  if (rowCount !== wanted.length) throw new ApiError("INVALID", "One of the sources does not exist.");
}

async function linkSources(tx: Transaction, project: string, sources: readonly string[]): Promise<void> {
  const wanted = [...new Set(sources)];
  await tx.query("delete from project_source where project_id = $1 and source_id <> all ($2)", [project, wanted]);
  await demandSources(tx, wanted);
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
