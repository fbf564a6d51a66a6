import { Type } from "typebox";
import { ApiError, type App } from "../../kit/index.ts";
import { beginAttempt } from "../attempts.ts";
import { record } from "../audit.ts";
import type { Auth } from "../auth.ts";
import { send, webHeaders } from "../endpoints.ts";
import { demandStrength } from "../password.ts";
import { ById, Id, Me, Password, Session } from "../schemas.ts";
import { signedIn } from "../signed-in.ts";

const tags = ["me"];

/** What everybody may do with their own account, whatever their roles. */
export function meRoutes(
  app: App,
  { auth, publicUrl, leave }: { auth: Auth; publicUrl: string; leave(person: string): Promise<string> },
): void {
  const { pool } = app.database;

  app.get("/api/identity/me", { auth: {}, schema: { tags, response: { 200: Me } } }, async ({ identity }) => {
    const { person, organisation, roles, scopes } = identity;
    const { rows } = await pool.query<{ name: string; email: string; twoFactor: boolean }>(
      'select name, email, coalesce("twoFactorEnabled", false) as "twoFactor" from "user" where id = $1',
      [person],
    );
    const organisations = await pool.query<{ id: string; name: string; slug: string }>(
      `select o.id, o.name, o.slug from organization o where o.id = $2 or o.id in
       (select m."organizationId" from member m where m."userId" = $1) order by o.name`,
      [person, organisation],
    );
    return {
      person: person ?? null,
      name: rows[0]?.name ?? null,
      email: rows[0]?.email ?? null,
      twoFactor: rows[0]?.twoFactor ?? false,
      organisation,
      roles: [...roles],
      scopes: [...scopes],
      organisations: organisations.rows,
    };
  });

  app.put(
    "/api/identity/me/organisation",
    { auth: {}, schema: { tags, body: Type.Object({ organisation: Id }), response: { 204: Type.Null() } } },
    async (request, reply) => {
      const { rowCount } = await pool.query(
        `update session s set "activeOrganizationId" = m."organizationId"::text from member m
         where s.id = $1 and m."userId" = s."userId" and m."organizationId" = $2`,
        [signedIn(request.identity).session, request.body.organisation],
      );
      if (!rowCount) throw new ApiError("NOT_FOUND", "You are not a member of such an organisation.");
      return reply.code(204).send(null);
    },
  );

  app.get(
    "/api/identity/me/sessions",
    { auth: {}, schema: { tags, response: { 200: Type.Array(Session) } } },
    async (request) => {
      const { session: current } = signedIn(request.identity);
      const { rows } = await pool.query<SessionRow>(
        `select id, "createdAt", "expiresAt", "ipAddress" as address, "userAgent" as browser from session
         where "userId" = $1 and "expiresAt" > now() order by "createdAt" desc`,
        [request.identity.person],
      );
      return rows.map((row) => ({
        ...row,
        current: row.id === current,
        createdAt: row.createdAt.toISOString(),
        expiresAt: row.expiresAt.toISOString(),
      }));
    },
  );

  app.delete(
    "/api/identity/me/sessions/:id",
    { auth: {}, schema: { tags, params: ById, response: { 204: Type.Null() } } },
    async (request, reply) => {
      signedIn(request.identity);
      await app.database.withTenant(request.identity, async (tx) => {
        const { id } = request.params;
        await tx.query('delete from "oauthAccessToken" where "sessionId" = $1 and "userId" = devflow.person()', [id]);
        await tx.query('delete from "oauthRefreshToken" where "sessionId" = $1 and "userId" = devflow.person()', [id]);
        const text = `delete from session where id = $1 and "userId" = devflow.person() returning "userAgent" as browser`;
        const { rows } = await tx.query<{ browser: string | null }>(text, [id]);
        if (!rows[0]) throw new ApiError("NOT_FOUND", "You have no such session.");
        await record(tx, request, { action: "session.revoked", target: id, name: rows[0].browser ?? "a session" });
      });
      return reply.code(204).send(null);
    },
  );

  app.put(
    "/api/identity/me/password",
    {
      auth: {},
      schema: {
        tags,
        body: Type.Object({ current: Password, next: Password }),
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { person } = signedIn(request.identity);
      const { rows } = await pool.query<{ name: string; email: string }>(
        'select name, email from "user" where id = $1',
        [person],
      );
      await demandStrength(request.body.next, [rows[0]?.name ?? "", rows[0]?.email ?? ""]);
      const attempt = await beginAttempt(pool, { account: person, address: request.ip });
      const response = await auth.api.changePassword({
        headers: webHeaders(request),
        body: { currentPassword: request.body.current, newPassword: request.body.next, revokeOtherSessions: true },
        asResponse: true,
      });
      if (!response.ok) {
        throw new ApiError("INVALID", "The current password is not right.");
      }
      await attempt.succeeded();
      await app.database.withTenant(request.identity, (tx) => record(tx, request, { action: "password.changed" }));
      for (const cookie of response.headers.getSetCookie()) reply.header("set-cookie", cookie);
      return reply.code(204).send(null);
    },
  );

  app.post(
    "/api/identity/sign-out",
    { auth: {}, schema: { tags, response: { 200: Type.Object({ next: Type.String() }) } } },
    async (request, reply) => {
      const next = await leave(signedIn(request.identity).person);
      await app.database.withTenant(request.identity, (tx) => record(tx, request, { action: "session.ended" }));
      const headers = webHeaders(request);
      headers.delete("content-type");
      const response = await auth.handler(
        new Request(new URL("/api/auth/sign-out", publicUrl), { method: "POST", headers }),
      );
      if (!response.ok) return send(reply, response);
      for (const cookie of response.headers.getSetCookie()) reply.header("set-cookie", cookie);
      return { next };
    },
  );
}

interface SessionRow {
  id: string;
  createdAt: Date;
  expiresAt: Date;
  address: string | null;
  browser: string | null;
}
