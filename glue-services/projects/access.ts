import { ApiError, type Database, type Transaction } from "../kit/index.ts";
import { type ProjectShown, type Role, roles, type State, type Wanted, type Who } from "./schemas.ts";

/** Who holds it has every role in every project of the organisation. */
export const manage = "projects:manage";

export function administers({ scopes }: Who): boolean {
  return scopes.includes("*") || scopes.includes(manage);
}

export function holds(role: Role, wanted: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(wanted);
}

export interface Row extends Omit<ProjectShown, "createdAt" | "changedAt"> {
  createdAt: Date;
  changedAt: Date;
}

/**
 * Projects with the role that whoever asks has in each; those that they may not see are not among them. $1 is the person,
 * $2 whether they administer.
 */
const seen = `select * from (
    select p.id, p.name, p.slug, p.description, p.state, p.everyone, p.revision, p.created_at as "createdAt", p.changed_at as "changedAt",
      (select count(*)::int from member n where n.project_id = p.id) as members,
      case when $2 or m.role = 'owner' then 'owner' when m.role = 'maintainer' then m.role
        when 'member' in (m.role, p.everyone) then 'member' else coalesce(m.role, p.everyone) end as role
    from project p left join member m on m.project_id = p.id and m.person_id = $1
  ) visible where role is not null`;

/** By name; all that whoever asks may see, with the words, or in the state. */
export async function findProjects(database: Database, who: Who, wanted: Wanted): Promise<ProjectShown[]> {
  const { rows } = await database.query<Row>(who, {
    name: "projects.find",
    text: `${seen} and ($3::text is null or strpos(lower(name || ' ' || slug || ' ' || description), lower($3)) > 0)
      and ($4::text is null or state = $4) order by lower(name), id limit $5`,
    values: [who.person, administers(who), wanted.words, wanted.state, wanted.limit],
  });
  return rows.map(shown);
}

/** Ids of the projects that somebody may see and that are not being deleted. */
export async function visibleProjects(database: Database, who: Who): Promise<string[]> {
  const { rows } = await database.query<{ id: string }>(who, {
    name: "projects.visible",
    text: `select p.id from project p left join member m on m.project_id = p.id and m.person_id = $1
      where p.state <> 'deleting' and ($2 or m.role is not null or p.everyone is not null)`,
    values: [who.person, administers(who)],
  });
  return rows.map(({ id }) => id);
}

/** Whether a text looks like an id, which no slug does. */
export function isId(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}

/** One by its id or slug. */
function one(project: string): { name: string; text: string; column: "id" | "slug" } {
  const column = isId(project) ? "id" : "slug";
  return { name: `projects.one.${column}`, text: `${seen} and ${column} = $3`, column };
}

/** @throws ApiError NOT_FOUND for one that is not there or that whoever asks may not know of */
export async function readProject(database: Database, who: Who, project: string): Promise<ProjectShown> {
  const { name, text } = one(project);
  const { rows } = await database.query<Row>(who, { name, text, values: [who.person, administers(who), project] });
  if (!rows[0]) throw missing();
  return shown(rows[0]);
}

/**
 * Locks a project for a change in the transaction, so that of two at once the second sees what the first made of it.
 *
 * @throws ApiError NOT_FOUND, FORBIDDEN, or CONFLICT when it is in none of the states
 */
export async function lockProject(
  tx: Transaction,
  who: Who,
  project: string,
  wanted: { role: Role; states?: readonly State[] },
): Promise<ProjectShown> {
  const { text, column } = one(project);
  await tx.query(`select from project where ${column} = $1 for update`, [project]);
  const { rows } = await tx.query<Row>(text, [who.person, administers(who), project]);
  if (!rows[0]) throw missing();
  const found = shown(rows[0]);
  demandRole(found, wanted.role);
  demandState(found, wanted.states ?? ["active"]);
  return found;
}

/** @throws ApiError FORBIDDEN */
export function demandRole({ name, role }: ProjectShown, wanted: Role): void {
  if (holds(role, wanted)) return;
  throw new ApiError("FORBIDDEN", `You are ${role} of the project ${name}; this needs ${wanted}.`, {
    hint: "Ask an owner of the project for the role.",
    docs: "projects",
  });
}

/** @throws ApiError CONFLICT */
export function demandState({ name, state }: ProjectShown, wanted: readonly State[]): void {
  if (wanted.includes(state)) return;
  const why = {
    active: { text: "is not archived", hint: "Read it again." },
    archived: { text: "is archived", hint: "Restore it first." },
    deleting: { text: "is being deleted", hint: "Its page shows what is left." },
  }[state];
  throw new ApiError("CONFLICT", `The project ${name} ${why.text}.`, { hint: why.hint, docs: "projects" });
}

export function missing(): ApiError {
  return new ApiError("NOT_FOUND", "There is no such project.");
}

function shown(row: Row): ProjectShown {
  return { ...row, createdAt: row.createdAt.toISOString(), changedAt: row.changedAt.toISOString() };
}
