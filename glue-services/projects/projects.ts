import { ApiError, audit, type Database, slugOf, type Transaction } from "../kit/index.ts";
import { administers, isId, lockProject, manage, readProject } from "./access.ts";
import { begin, findChanges } from "./changes.ts";
import type { ChangeShown, ProjectChange, ProjectGiven, ProjectShown, Who } from "./schemas.ts";

/** Names in addresses that are pages or routes of their own. */
const reserved: readonly string[] = ["new", "changes"];

/** Whoever creates it is its owner. @throws ApiError CONFLICT when its slug is another one's */
export async function createProject(database: Database, who: Who, given: ProjectGiven): Promise<ProjectShown> {
  const made = await database.withTenant(who, async (tx) => {
    const name = readable(given.name);
    const { everyone = "member", description = "" } = given;
    if (everyone === null && who.person === undefined && !administers(who)) {
      throw new ApiError("FORBIDDEN", "This key would not see the project that it makes.", {
        hint: `Give everyone a role in it, or use a key with ${manage}.`,
        docs: "projects",
      });
    }
    const project = await insert(tx, { name, slug: given.slug, description, everyone });
    if (who.person !== undefined) {
      await tx.query("insert into member (project_id, person_id, role) values ($1, $2, 'owner')", [
        project,
        who.person,
      ]);
    }
    await tx.query("insert into environment (project_id, name) values ($1, 'production'), ($1, 'staging')", [project]);
    const whole = await lockProject(tx, { ...who, scopes: ["*"] }, project, { role: "viewer" });
    await audit(tx, {
      ...{ action: "project.created", target: project, name },
      details: { slug: whole.slug, everyone, page: `/projects/${project}` },
    });
    await begin(tx, whole, "create");
    return project;
  });
  return readProject(database, who, made);
}

async function insert(
  tx: Transaction,
  { name, slug, description, everyone }: Required<Omit<ProjectGiven, "slug">> & { slug: string | undefined },
): Promise<string> {
  if (slug !== undefined) demandFree(slug);
  const base = slug ?? slugFrom(name);
  for (let at = 1; ; at++) {
    const wanted = at === 1 ? base : `${base}-${at}`;
    const { rows } = await tx.query<{ id: string }>(
      `insert into project (name, slug, description, everyone) values ($1, $2, $3, $4)
       on conflict (organisation_id, slug) do nothing returning id`,
      [name, wanted, description, everyone],
    );
    if (rows[0]) return rows[0].id;
    if (slug !== undefined) throw taken(slug);
    // After a few in a row, past all that begin so.
    if (at > 5) {
      const count = await tx.query<{ most: number }>(
        `select coalesce(max(substr(slug, $2)::int), 1) as most from project where slug ~ $1`,
        [`^${base}-[1-9][0-9]{0,7}$`, base.length + 2],
      );
      at = Math.max(at, count.rows[0]?.most ?? 1);
    }
  }
}

/** @throws ApiError NOT_FOUND, FORBIDDEN, CONFLICT */
export async function changeProject(
  database: Database,
  who: Who,
  project: string,
  change: ProjectChange,
): Promise<ProjectShown> {
  const changed = await database.withTenant(who, async (tx) => {
    const before = await lockProject(tx, who, project, { role: "maintainer" });
    const { slug } = change;
    if (slug !== undefined && slug !== before.slug) demandFree(slug);
    const after = {
      ...before,
      ...change,
      name: change.name === undefined ? before.name : readable(change.name),
      everyone: change.everyone === undefined ? before.everyone : change.everyone,
    };
    await tx
      .query(
        "update project set name = $2, slug = $3, description = $4, everyone = $5, changed_at = now() where id = $1",
        [before.id, after.name, after.slug, after.description, after.everyone],
      )
      .catch((error: { code?: string }) => {
        throw error.code === "23505" ? taken(after.slug) : error;
      });
    const what = (["name", "slug", "description", "everyone"] as const).filter((one) => before[one] !== after[one]);
    const renamed = what.some((one) => one !== "everyone");
    const details = Object.fromEntries(
      what.filter((one) => one !== "description").map((one) => [one, { from: before[one], to: after[one] }]),
    );
    await audit(tx, {
      ...{ action: what.includes("name") ? "project.renamed" : "project.changed", target: before.id, name: after.name },
      details: { ...details, page: `/projects/${before.id}` },
    });
    if (renamed) await begin(tx, after, "rename");
    return before.id;
  });
  return readProject(database, who, changed);
}

/** @throws ApiError NOT_FOUND, FORBIDDEN, CONFLICT while it is being deleted */
export async function archiveProject(
  database: Database,
  who: Who,
  project: string,
  archived: boolean,
): Promise<ProjectShown> {
  const changed = await database.withTenant(who, async (tx) => {
    const before = await lockProject(tx, who, project, { role: "maintainer", states: ["active", "archived"] });
    const state = archived ? "archived" : "active";
    if (before.state === state) return before.id;
    await tx.query("update project set state = $2, changed_at = now() where id = $1", [before.id, state]);
    const [action, kind] = archived ? (["archived", "archive"] as const) : (["restored", "restore"] as const);
    const details = { page: `/projects/${before.id}` };
    await audit(tx, { action: `project.${action}`, target: before.id, name: before.name, details });
    await begin(tx, before, kind);
    return before.id;
  });
  return readProject(database, who, changed);
}

/**
 * Begins its deletion: from now on nobody works with it, and it is gone when every service has removed its part.
 * Whoever asks twice is told of the one that runs.
 *
 * @throws ApiError NOT_FOUND, FORBIDDEN
 */
export async function removeProject(database: Database, who: Who, project: string): Promise<ChangeShown> {
  const change = await database.withTenant(who, async (tx) => {
    const states = ["active", "archived", "deleting"] as const;
    const before = await lockProject(tx, who, project, { role: "owner", states });
    if (before.state === "deleting") {
      const { rows } = await tx.query<{ id: string }>(
        "select id from change where project_id = $1 and kind = 'delete' and state = 'running'",
        [before.id],
      );
      if (!rows[0]) throw new Error(`The project ${before.id} is being deleted by no change.`);
      return rows[0].id;
    }
    await tx.query("update project set state = 'deleting', changed_at = now() where id = $1", [before.id]);
    await audit(tx, { action: "project.deletion-begun", target: before.id, name: before.name });
    return begin(tx, before, "delete");
  });
  const [found] = await findChanges(database, who, { id: change });
  if (!found) throw new Error("A change that was just written is not there.");
  return found;
}

function slugFrom(name: string): string {
  const slug = slugOf(name, "project");
  return reserved.includes(slug) || isId(slug) ? `${slug}-project` : slug;
}

/** A name as it is kept. @throws ApiError INVALID for one of which nothing can be seen */
function readable(name: string): string {
  if (/[^\s\p{C}\p{Z}]/u.test(name)) return name.trim();
  throw new ApiError("INVALID", "A project's name has something to be read, not only blanks.", {
    hint: "Give it a name of letters, digits or signs.",
  });
}

/** @throws ApiError INVALID */
function demandFree(slug: string): void {
  if (!reserved.includes(slug) && !isId(slug)) return;
  throw new ApiError("INVALID", `No project can have the slug ${slug}.`, { hint: "Choose another one." });
}

function taken(slug: string): ApiError {
  return new ApiError("CONFLICT", `The organisation has a project with the slug ${slug} already.`, {
    hint: "Choose another slug.",
  });
}
