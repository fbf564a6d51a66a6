import { type Static, Type } from "typebox";
import { ApiError, type App } from "../../kit/index.ts";
import { demandHeld, lockMembers } from "../access.ts";
import { record } from "../audit.ts";
import { demandKnown } from "../declared-scopes.ts";
import { platformAdministrator } from "../permissions.ts";
import { Permissions, Role, RoleName } from "../schemas.ts";

const tags = ["roles"];
const ByName = Type.Object({ name: RoleName });
const auth = { scope: "roles:manage" } as const;

/** What a role may do, as data. */
export function roleRoutes(app: App): void {
  app.get(
    "/api/identity/roles",
    { auth: { scope: "roles:read" }, schema: { tags, response: { 200: Type.Array(Role) } } },
    ({ identity }) =>
      app.database.readTenant(identity, async (tx) => {
        const { rows } = await tx.query<Static<typeof Role>>(
          `select name, description, permissions, organisation_id is null as "builtIn" from role
           order by organisation_id is not null, name`,
        );
        return rows;
      }),
  );

  app.put(
    "/api/identity/roles/:name",
    {
      auth,
      schema: {
        tags,
        params: ByName,
        body: Type.Object({ description: Type.String({ maxLength: 300 }), permissions: Permissions }),
        response: { 200: Role },
      },
    },
    (request) =>
      app.database.withTenant(request.identity, async (tx) => {
        const { description, permissions } = request.body;
        demandKnown(request.server, permissions);
        const { name } = request.params;
        const { rows } = await tx.query<{ built: boolean; permissions: string[] }>(
          "select organisation_id is null as built, permissions from role where name = $1",
          [name],
        );
        if (name === platformAdministrator || rows.some(({ built }) => built))
          throw new ApiError("CONFLICT", `The role ${name} is built in.`);
        if (request.headers["if-none-match"] === "*" && rows.length > 0)
          throw new ApiError("CONFLICT", `There is a role ${name} already.`);
        // A role that others hold must not be changed by somebody who could not have made it.
        demandHeld(request, [...permissions, ...rows.flatMap((role) => role.permissions)]);
        await tx.query(
          `insert into role (organisation_id, name, description, permissions) values (devflow.organisation(), $1, $2, $3)
           on conflict (organisation_id, name) do update set description = $2, permissions = $3`,
          [name, description, permissions],
        );
        await record(tx, request, { action: "role.saved", target: name, details: { permissions } });
        return { name, description, permissions, builtIn: false };
      }),
  );

  app.delete(
    "/api/identity/roles/:name",
    { auth, schema: { tags, params: ByName, response: { 204: Type.Null() } } },
    async (request, reply) => {
      const { name } = request.params;
      await app.database.withTenant(request.identity, async (tx) => {
        // Nobody is given a role meanwhile: whoever gives one, by invitation too, takes the same lock.
        await lockMembers(tx, request.identity.organisation);
        const held = await tx.query(
          `select from member where "organizationId" = devflow.organisation() and $1 = any (string_to_array(role, ','))
           union all
           select from invitation where "organizationId" = devflow.organisation() and status = 'pending'
             and "expiresAt" > now() and $1 = any (string_to_array(role, ',')) limit 1`,
          [name],
        );
        if (held.rowCount) throw new ApiError("CONFLICT", `Somebody has, or is invited with, the role ${name}.`);
        const { rowCount } = await tx.query("delete from role where name = $1 and organisation_id is not null", [name]);
        if (!rowCount) throw new ApiError("NOT_FOUND", "There is no such role of this organisation.");
        await record(tx, request, { action: "role.deleted", target: name });
      });
      return reply.code(204).send(null);
    },
  );
}
