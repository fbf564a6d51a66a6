import type { FastifyRequest } from "fastify";
import { Type } from "typebox";
import { ApiError, type App, type Transaction } from "../../kit/index.ts";
import {
  demandAnotherOwner,
  demandHeld,
  demandOtherOwners,
  endSessions,
  lockMembers,
  permissionsOf,
  tellAccessChanged,
} from "../access.ts";
import { record } from "../audit.ts";
import { platformAdministrator } from "../permissions.ts";
import { ById, Person, Roles } from "../schemas.ts";

const tags = ["people"];
const manage = { scope: "people:manage" } as const;

const select = `select u.id, u.name, u.email, u.username, string_to_array(m.role, ',') as roles, u.disabled,
  coalesce(u."twoFactorEnabled", false) as "twoFactor", m."createdAt" as since
  from member m join "user" u on u.id = m."userId" where m."organizationId" = $1`;

/** The members of the organisation in force. */
export function peopleRoutes(app: App): void {
  app.get(
    "/api/identity/people",
    { auth: { scope: "people:read" }, schema: { tags, response: { 200: Type.Array(Person) } } },
    async ({ identity }) => {
      const { rows } = await app.database.pool.query<Row>(`${select} order by u.name, u.id`, [identity.organisation]);
      return rows.map(told);
    },
  );

  app.patch(
    "/api/identity/people/:id",
    { auth: manage, schema: { tags, params: ById, body: Type.Object({ roles: Roles }), response: { 200: Person } } },
    (request) =>
      app.database.withTenant(request.identity, async (tx) => {
        const { organisation } = request.identity;
        const { roles } = request.body;
        const before = await locked(tx, organisation, request.params.id);
        demandHeld(request, await permissionsOf(tx, roles, before.roles), [...before.roles, ...roles]);
        if (before.roles.includes("owner") && !roles.includes("owner")) {
          await demandAnotherOwner(tx, organisation, before.id);
        }
        await tx.query('update member set role = $3 where "organizationId" = $1 and "userId" = $2', [
          organisation,
          before.id,
          roles.join(","),
        ]);
        await record(tx, request, {
          action: "person.roles",
          target: before.id,
          details: { from: before.roles, to: roles },
        });
        await tellAccessChanged(tx, before.id);
        return told({ ...before, roles });
      }),
  );

  app.delete(
    "/api/identity/people/:id",
    { auth: manage, schema: { tags, params: ById, response: { 204: Type.Null() } } },
    async (request, reply) => {
      const { organisation } = request.identity;
      await app.database.withTenant(request.identity, async (tx) => {
        const gone = await locked(tx, organisation, request.params.id);
        demandHeld(request, await permissionsOf(tx, [], gone.roles), gone.roles);
        if (gone.roles.includes("owner")) await demandAnotherOwner(tx, organisation, gone.id);
        await tx.query('delete from member where "organizationId" = $1 and "userId" = $2', [organisation, gone.id]);
        // Their keys go with them: whoever left must not keep a way in.
        await tx.query("update api_key set revoked_at = now() where created_by = $1 and revoked_at is null", [gone.id]);
        await tx.query('delete from "oauthConsent" where "userId" = $1 and "referenceId" = $2', [
          gone.id,
          organisation,
        ]);
        await endSessions(tx, gone.id);
        await record(tx, request, { action: "person.removed", target: gone.id, details: { email: gone.email } });
        await tellAccessChanged(tx, gone.id);
      });
      return reply.code(204).send(null);
    },
  );

  app.put(
    "/api/identity/people/:id/disabled",
    {
      auth: manage,
      schema: { tags, params: ById, body: Type.Object({ disabled: Type.Boolean() }), response: { 200: Person } },
    },
    async (request) => {
      // Found before it is refused, so that an organisation learns nothing of people who are not its own.
      await app.database.readTenant(request.identity, (tx) =>
        member(tx, request.identity.organisation, request.params.id),
      );
      demandPlatform(request);
      return app.database.withTenant(request.identity, async (tx) => {
        const { organisation } = request.identity;
        const { disabled } = request.body;
        const before = await locked(tx, organisation, request.params.id);
        demandHeld(request, await permissionsOf(tx, [], before.roles), before.roles);
        if (disabled) await demandOtherOwners(tx, before.id);
        await tx.query('update "user" set disabled = $2 where id = $1', [before.id, disabled]);
        if (disabled) await endSessions(tx, before.id);
        await record(tx, request, { action: disabled ? "person.disabled" : "person.enabled", target: before.id });
        await tellAccessChanged(tx, before.id);
        return told({ ...before, disabled });
      });
    },
  );
}

type Row = Omit<Person, "since"> & { since: Date };

async function locked(tx: Transaction, organisation: string, person: string): Promise<Row> {
  await lockMembers(tx, organisation);
  return member(tx, organisation, person);
}

/** @throws ApiError NOT_FOUND also for somebody who exists elsewhere */
async function member(tx: Transaction, organisation: string, person: string): Promise<Row> {
  const { rows } = await tx.query<Row>(`${select} and u.id = $2`, [organisation, person]);
  if (!rows[0]) throw new ApiError("NOT_FOUND", "There is no such person in this organisation.");
  return rows[0];
}

/** A person may belong to several organisations, so only the platform's own may keep somebody out of all. */
function demandPlatform({ identity }: FastifyRequest): void {
  if (identity.roles.includes(platformAdministrator)) return;
  throw new ApiError("FORBIDDEN", "Only administrators of the platform can disable people.", {
    hint: "Remove the person from your organisation instead.",
  });
}

function told({ since, ...person }: Row): Person {
  return { ...person, since: since.toISOString() };
}
