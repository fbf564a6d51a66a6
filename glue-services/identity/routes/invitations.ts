import { type Static, Type } from "typebox";
import { ApiError, type App } from "../../kit/index.ts";
import { demandHeld, lockMembers, permissionsOf } from "../access.ts";
import { record } from "../audit.ts";
import { type InvitationRow, invite } from "../invite.ts";
import type { Mailer } from "../mail.ts";
import { ById, Email, Invitation, Roles } from "../schemas.ts";

const tags = ["people"];
const auth = { scope: "people:manage" } as const;
const Made = Type.Object({
  ...Invitation.properties,
  link: Type.String({ description: "Shown this once; works once." }),
  mailed: Type.Boolean({ description: "Whether it was sent by mail as well." }),
});

/** Invitations: a link that works once, also sent by mail where the platform can. */
export function invitationRoutes(app: App, { publicUrl, mailer }: { publicUrl: string; mailer: Mailer }): void {
  app.get(
    "/api/identity/invitations",
    { auth, schema: { tags, response: { 200: Type.Array(Invitation) } } },
    async ({ identity }) => {
      const { rows } = await app.database.pool.query<InvitationRow>(
        `select id, email, role as roles, "expiresAt" from invitation
         where "organizationId" = $1 and status = 'pending' and "expiresAt" > now() order by "createdAt" desc`,
        [identity.organisation],
      );
      return rows.map(told);
    },
  );

  app.post(
    "/api/identity/invitations",
    { auth, schema: { tags, body: Type.Object({ email: Email, roles: Roles }), response: { 201: Made } } },
    async (request, reply) => {
      const { identity, body } = request;
      const email = body.email.toLowerCase();
      const { person } = identity;
      if (!person) throw new ApiError("FORBIDDEN", "Only a person can invite somebody.");
      const made = await app.database.withTenant(identity, async (tx) => {
        await lockMembers(tx, identity.organisation);
        demandHeld(request, await permissionsOf(tx, body.roles), body.roles);
        const here = await tx.query(
          `select from member m join "user" u on u.id = m."userId" where m."organizationId" = $1 and u.email = $2`,
          [identity.organisation, email],
        );
        if (here.rowCount) throw new ApiError("CONFLICT", "This person belongs to the organisation already.");
        const { organisation } = identity;
        const { row, link } = await invite(tx, publicUrl, { organisation, email, roles: body.roles, inviter: person });
        await record(tx, request, { action: "person.invited", target: row.id, details: { email, roles: body.roles } });
        return { ...told(row), link };
      });
      const mailed = await mailer(request, { to: email, link: made.link });
      return reply
        .code(201)
        .header("cache-control", "no-store")
        .send({ ...made, mailed });
    },
  );

  app.delete(
    "/api/identity/invitations/:id",
    { auth, schema: { tags, params: ById, response: { 204: Type.Null() } } },
    async (request, reply) => {
      await app.database.withTenant(request.identity, async (tx) => {
        const { rowCount } = await tx.query(
          `update invitation set status = 'canceled' where id = $1 and "organizationId" = $2 and status = 'pending'`,
          [request.params.id, request.identity.organisation],
        );
        if (!rowCount) throw new ApiError("NOT_FOUND", "There is no such invitation.");
        await record(tx, request, { action: "invitation.withdrawn", target: request.params.id });
      });
      return reply.code(204).send(null);
    },
  );
}

function told({ id, email, roles, expiresAt }: InvitationRow): Static<typeof Invitation> {
  return { id, email, roles: roles.split(","), expiresAt: expiresAt.toISOString() };
}
