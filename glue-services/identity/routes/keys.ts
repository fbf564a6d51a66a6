import { type Static, Type } from "typebox";
import { ApiError, type App } from "../../kit/index.ts";
import { demandHeld } from "../access.ts";
import { record } from "../audit.ts";
import { demandKnown, knownScopes } from "../declared-scopes.ts";
import { ById, Key, Permissions, Scope } from "../schemas.ts";
import { hashOf, randomToken } from "../token.ts";
import { keyPrefix } from "../verifier.ts";

const tags = ["keys"];
const columns = `id, name, start, scopes, personal, created_by as "createdBy", created_at as "createdAt", expires_at as "expiresAt",
  last_used_at as "lastUsedAt", revoked_at as "revokedAt"`;

const NewKey = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 100, pattern: "\\S" }),
  scopes: Permissions,
  days: Type.Optional(Type.Integer({ minimum: 1, maximum: 3650, description: "Days it is valid. Without: for ever." })),
  personal: Type.Optional(
    Type.Boolean({ description: "It acts as its maker, not only by their right. @default false" }),
  ),
});
const MadeKey = Type.Object({ ...Key.properties, key: Type.String({ description: "Shown this once." }) });

/**
 * Keys of programs. Each belongs to an organisation, does at most what its maker may do at the time of each request, and
 * ends with them. A key that a key made has the same maker.
 */
export function keyRoutes(app: App): void {
  app.get(
    "/api/identity/keys",
    { auth: { scope: "keys:read" }, schema: { tags, response: { 200: Type.Array(Key) } } },
    ({ identity }) =>
      app.database.readTenant(identity, async (tx) => {
        const { rows } = await tx.query<Row>(`select ${columns} from api_key order by created_at desc limit 500`);
        return rows.map(told);
      }),
  );

  app.get(
    "/api/identity/scopes",
    {
      auth: {},
      schema: {
        tags,
        summary: "Every scope that something of the platform asks for",
        response: { 200: Type.Array(Scope) },
      },
    },
    async ({ server }) =>
      knownScopes(server)
        .toSorted()
        .map((name) => ({
          ...{ name, resource: name.split(":")[0] ?? "", action: name.split(":")[1] ?? "" },
          ...server.scopes.declared.find((declared) => declared.name === name),
        })),
  );

  app.post(
    "/api/identity/keys",
    { auth: { scope: "keys:write" }, schema: { tags, body: NewKey, response: { 201: MadeKey } } },
    async (request, reply) => {
      const { identity } = request;
      const { name, scopes, days, personal = false } = request.body;
      if (personal && identity.via !== "session") {
        throw new ApiError("FORBIDDEN", "Only a person who is signed in makes a personal key.");
      }
      demandHeld(request, scopes);
      demandKnown(request.server, scopes);
      const key = `${keyPrefix}${randomToken()}`;
      const made = await app.database.withTenant(identity, async (tx) => {
        const { rows } = await tx.query<Row>(
          `insert into api_key (name, start, hash, scopes, expires_at, created_by, personal)
           values ($1, $2, $3, $4, now() + make_interval(days => $5), $6, $7) returning ${columns}`,
          [name, key.slice(0, 10), hashOf(key), scopes, days, identity.person ?? identity.maker, personal],
        );
        const [row] = rows as [Row];
        await record(tx, request, {
          action: "key.made",
          target: row.id,
          details: { name, scopes, days, ...(personal && { personal }) },
        });
        return row;
      });
      return reply
        .code(201)
        .header("cache-control", "no-store")
        .send({ ...told(made), key });
    },
  );

  app.delete(
    "/api/identity/keys/:id",
    { auth: { scope: "keys:write" }, schema: { tags, params: ById, response: { 204: Type.Null() } } },
    async (request, reply) => {
      const { identity, params } = request;
      await app.database.withTenant(identity, async (tx) => {
        const { rows } = await tx.query<{ owner: string | null; revoked: boolean; scopes: string[] }>(
          "select created_by as owner, revoked_at is not null as revoked, scopes from api_key where id = $1",
          [params.id],
        );
        const [found] = rows;
        if (!found) throw new ApiError("NOT_FOUND", "There is no such key.");
        if (found.owner !== identity.person) demandHeld(request, ["keys:manage", ...found.scopes]);
        if (found.revoked) return;
        await tx.query("update api_key set revoked_at = now() where id = $1", [params.id]);
        await record(tx, request, { action: "key.revoked", target: params.id });
      });
      return reply.code(204).send(null);
    },
  );
}

interface Row {
  id: string;
  name: string;
  start: string;
  scopes: string[];
  personal: boolean;
  createdBy: string | null;
  createdAt: Date;
  expiresAt: Date | null;
  lastUsedAt: Date | null;
  revokedAt: Date | null;
}

function told(row: Row): Static<typeof Key> {
  const time = (at: Date | null) => at?.toISOString() ?? null;
  return {
    ...row,
    createdAt: row.createdAt.toISOString(),
    expiresAt: time(row.expiresAt),
    lastUsedAt: time(row.lastUsedAt),
    revokedAt: time(row.revokedAt),
  };
}
