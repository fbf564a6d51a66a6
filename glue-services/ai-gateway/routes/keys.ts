import { type Static, Type } from "typebox";
import { ApiError, type App } from "../../kit/index.ts";
import { record } from "../audit.ts";
import { newKey } from "../keys/token.ts";
import { KeyGiven } from "../schemas.ts";

const tags = ["ai"];
const Maybe = <T extends ReturnType<typeof Type.String>>(schema: T) => Type.Union([schema, Type.Null()]);
const Time = Type.String({ description: "ISO 8601." });

export const VirtualKey = Type.Object({
  id: Type.String(),
  name: Type.String(),
  start: Type.String({ description: "Its first characters, to recognise it by." }),
  project: Maybe(Type.String()),
  models: Type.Array(Type.String(), { description: "What it may use; empty: everything." }),
  createdBy: Maybe(Type.String()),
  createdAt: Time,
  expiresAt: Maybe(Time),
  revokedAt: Maybe(Time),
  lastUsedAt: Maybe(Time),
});
const MadeKey = Type.Object({ ...VirtualKey.properties, key: Type.String({ description: "Shown this once." }) });
const ById = Type.Object({ id: Type.String({ format: "uuid" }) });

const columns = `id, name, start, project_id as project, models, created_by as "createdBy", created_at as "createdAt",
  expires_at as "expiresAt", revoked_at as "revokedAt", last_used_at as "lastUsedAt"`;

/** Keys that programs call models with. */
export function keyRoutes(app: App): void {
  app.get(
    "/api/ai/keys",
    {
      auth: { scope: "ai:read" },
      schema: { tags, summary: "Virtual keys, the newest first", response: { 200: Type.Array(VirtualKey) } },
    },
    async ({ identity }) => {
      const query = { name: "ai.keys", text: `select ${columns} from virtual_key order by created_at desc limit 1000` };
      const { rows } = await app.database.query<Row>(identity, query);
      return rows.map(told);
    },
  );

  app.post(
    "/api/ai/keys",
    {
      auth: { scope: "ai:manage" },
      schema: { tags, summary: "Make a virtual key", body: KeyGiven, response: { 201: MadeKey } },
    },
    async ({ identity, body }, reply) => {
      const { key, start, hash } = newKey();
      if (body.expiresAt && Date.parse(body.expiresAt) <= Date.now()) {
        throw new ApiError("INVALID", "expiresAt must be in the future.");
      }
      const row = await app.database.withTenant(identity, async (tx) => {
        const { rows } = await tx.query<Row>(
          `insert into virtual_key (name, start, hash, project_id, models, expires_at, created_by)
           values ($1, $2, $3, $4, $5, $6, $7) returning ${columns}`,
          [
            ...[body.name.trim(), start, hash, body.project, body.models ?? [], body.expiresAt],
            identity.person ?? identity.maker,
          ],
        );
        const made = rows[0] as Row;
        await record(tx, identity, { action: "key.made", target: made.id, name: made.name });
        return made;
      });
      return reply
        .code(201)
        .header("cache-control", "no-store")
        .send({ ...told(row), key });
    },
  );

  app.delete(
    "/api/ai/keys/:id",
    {
      auth: { scope: "ai:manage" },
      schema: { tags, summary: "Revoke a virtual key", params: ById, response: { 204: Type.Null() } },
    },
    async ({ identity, params }, reply) => {
      await app.database.withTenant(identity, async (tx) => {
        const text = "update virtual_key set revoked_at = coalesce(revoked_at, now()) where id = $1 returning name";
        const { rows } = await tx.query<{ name: string }>(text, [params.id]);
        if (!rows[0]) throw new ApiError("NOT_FOUND", "There is no such key.");
        await record(tx, identity, { action: "key.revoked", target: params.id, name: rows[0].name });
      });
      return reply.code(204).send(null);
    },
  );
}

type Row = Omit<Static<typeof VirtualKey>, "createdAt" | "expiresAt" | "revokedAt" | "lastUsedAt"> & {
  createdAt: Date;
  expiresAt: Date | null;
  revokedAt: Date | null;
  lastUsedAt: Date | null;
};

function told(row: Row): Static<typeof VirtualKey> {
  const time = (at: Date | null) => at?.toISOString() ?? null;
  return {
    ...row,
    createdAt: row.createdAt.toISOString(),
    expiresAt: time(row.expiresAt),
    revokedAt: time(row.revokedAt),
    lastUsedAt: time(row.lastUsedAt),
  };
}
