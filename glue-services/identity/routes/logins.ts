import { type Static, Type } from "typebox";
import { ApiError, type App } from "../../kit/index.ts";
import { record } from "../audit.ts";
import { ById, Login } from "../schemas.ts";

const tags = ["me"];

/** Machines and programs that act as the person, in the organisation they act for now: their personal keys. */
export function loginRoutes(app: App): void {
  app.get(
    "/api/identity/me/keys",
    {
      auth: {},
      schema: { tags, summary: "Your personal keys that open something", response: { 200: Type.Array(Login) } },
    },
    ({ identity }) =>
      app.database.readTenant(identity, async (tx) => {
        const { rows } = await tx.query<Row>(
          `select id, name, start, scopes, created_at as "createdAt", expires_at as "expiresAt",
             last_used_at as "lastUsedAt", id = $1 as current
           from api_key where personal and created_by = devflow.person() and revoked_at is null
             and (expires_at is null or expires_at > now()) order by created_at desc`,
          [identity.credential],
        );
        return rows.map(told);
      }),
  );

  app.delete(
    "/api/identity/me/keys/:id",
    { auth: {}, schema: { tags, summary: "End one", params: ById, response: { 204: Type.Null() } } },
    async (request, reply) => {
      await app.database.withTenant(request.identity, async (tx) => {
        const { rows } = await tx.query<{ name: string }>(
          `update api_key set revoked_at = now()
           where id = $1 and personal and created_by = devflow.person() and revoked_at is null returning name`,
          [request.params.id],
        );
        if (!rows[0]) throw new ApiError("NOT_FOUND", "You have no such key here.");
        await record(tx, request, { action: "key.revoked", target: request.params.id, name: rows[0].name });
      });
      return reply.code(204).send(null);
    },
  );
}

interface Row extends Record<"id" | "name" | "start", string> {
  scopes: string[];
  createdAt: Date;
  expiresAt: Date | null;
  lastUsedAt: Date | null;
  current: boolean;
}

function told({ createdAt, expiresAt, lastUsedAt, ...row }: Row): Static<typeof Login> {
  const time = (at: Date | null) => at?.toISOString() ?? null;
  return { ...row, createdAt: createdAt.toISOString(), expiresAt: time(expiresAt), lastUsedAt: time(lastUsedAt) };
}
