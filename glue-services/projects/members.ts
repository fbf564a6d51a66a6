import { Type } from "typebox";
import { identityContract } from "../identity/contract.ts";
import { ApiError, type App, audit, type Database, subscription, type Transaction } from "../kit/index.ts";
import { administers, holds, lockProject, readProject } from "./access.ts";
import type { MemberShown, ProjectShown, Role, Who } from "./schemas.ts";

/** @throws ApiError NOT_FOUND */
export async function listMembers(database: Database, who: Who, project: string): Promise<MemberShown[]> {
  const { id } = await readProject(database, who, project);
  const { rows } = await database.query<Omit<MemberShown, "addedAt"> & { addedAt: Date }>(who, {
    name: "projects.members",
    text: `select person_id as person, role, added_at as "addedAt" from member where project_id = $1
      order by array_position(array['owner', 'maintainer', 'member', 'viewer'], role), added_at limit 1000`,
    values: [id],
  });
  return rows.map((row) => ({ ...row, addedAt: row.addedAt.toISOString() }));
}

/**
 * Adds a person of the organisation, or gives them another role.
 *
 * @throws ApiError NOT_FOUND, FORBIDDEN, INVALID, CONFLICT
 */
export async function setMember(
  app: App,
  who: Who,
  project: string,
  { person, role }: { person: string; role: Role },
): Promise<MemberShown> {
  const asked = { organisation: who.organisation, person, made: new Date().toISOString() };
  if (app.reaches(identityContract) && (await app.use(identityContract).membership(asked)) === "none") {
    throw new ApiError("INVALID", "Nobody in the organisation has this id.", {
      hint: "Invite them to the organisation first.",
      docs: "people-and-roles",
    });
  }
  return app.database.withTenant(who, async (tx) => {
    const found = await lockProject(tx, who, project, { role: "maintainer" });
    const before = await roleOf(tx, found.id, person);
    demandOwner(found, [before, role]);
    if (before === "owner" && role !== "owner") await demandAnotherOwner(tx, who, found.id, person);
    const { rows } = await tx.query<{ at: Date }>(
      `insert into member (project_id, person_id, role) values ($1, $2, $3)
       on conflict (project_id, person_id) do update set role = excluded.role returning added_at as at`,
      [found.id, person, role],
    );
    const details = { person, from: before ?? null, to: role, page: `/projects/${found.id}?tab=members` };
    await audit(tx, { action: "project.member-set", target: found.id, name: found.name, details });
    return { person, role, addedAt: (rows[0]?.at ?? new Date()).toISOString() };
  });
}

/** Everybody may leave. @throws ApiError NOT_FOUND, FORBIDDEN, CONFLICT */
export async function removeMember(database: Database, who: Who, project: string, person: string): Promise<void> {
  await database.withTenant(who, async (tx) => {
    const leaving = person === who.person;
    const found = await lockProject(tx, who, project, {
      role: leaving ? "viewer" : "maintainer",
      states: ["active", "archived"],
    });
    const before = await roleOf(tx, found.id, person);
    if (!before) throw new ApiError("NOT_FOUND", "They are no member of the project.");
    if (!leaving) demandOwner(found, [before]);
    if (before === "owner") await demandAnotherOwner(tx, who, found.id, person);
    await tx.query("delete from member where project_id = $1 and person_id = $2", [found.id, person]);
    const details = { person, from: before, page: `/projects/${found.id}?tab=members` };
    await audit(tx, { action: "project.member-removed", target: found.id, name: found.name, details });
  });
}

async function roleOf(tx: Transaction, project: string, person: string): Promise<Role | undefined> {
  const { rows } = await tx.query<{ role: Role }>("select role from member where project_id = $1 and person_id = $2", [
    project,
    person,
  ]);
  return rows[0]?.role;
}

/** @throws ApiError FORBIDDEN */
function demandOwner({ role }: ProjectShown, concerned: readonly (Role | undefined)[]): void {
  if (!concerned.includes("owner") || holds(role, "owner")) return;
  throw new ApiError("FORBIDDEN", "Only an owner of the project decides about its owners.", { docs: "projects" });
}

/** Whoever administers the organisation can always make another one. @throws ApiError CONFLICT */
async function demandAnotherOwner(tx: Transaction, who: Who, project: string, person: string): Promise<void> {
  if (administers(who)) return;
  const { rowCount } = await tx.query(
    "select from member where project_id = $1 and role = 'owner' and person_id <> $2 limit 1",
    [project, person],
  );
  if (rowCount === 0) throw new ApiError("CONFLICT", "A project keeps an owner.", { hint: "Make another one first." });
}

/**
 * Whoever left the organisation has no role in its projects when they come back. Whoever is disabled keeps theirs, which
 * give nothing to somebody who cannot sign in.
 */
export function forgetThoseWhoLeft(mounted: () => App) {
  return subscription({
    name: "projects.forget-who-left",
    topic: "identity.access.changed",
    payload: Type.Object({ person: Type.String({ pattern: "^[0-9a-f-]{36}$" }) }),
    async handle({ payload: { person }, organisation }, tx) {
      const app = mounted();
      if (!app.reaches(identityContract) || organisation === undefined) return;
      const { rows } = await tx.query<{ project: string; name: string; at: Date }>(
        `select m.project_id as project, p.name, m.added_at as at from member m join project p on p.id = m.project_id
         where m.person_id = $1`,
        [person],
      );
      for (const { project, name, at } of rows) {
        const asked = { organisation, person, made: at.toISOString() };
        if ((await app.use(identityContract).membership(asked)) !== "none") continue;
        const gone = await tx.query<{ role: Role }>(
          "delete from member where project_id = $1 and person_id = $2 returning role",
          [project, person],
        );
        const details = { person, from: gone.rows[0]?.role, page: `/projects/${project}?tab=members` };
        await audit(tx, { action: "project.member-removed", target: project, name, details });
      }
    },
  });
}
