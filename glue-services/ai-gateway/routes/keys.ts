import { type Static, Type } from "typebox";
import { ApiError, type App, type Identity, type Transaction } from "../../kit/index.ts";
import { projectsContract, visibleProjects } from "../../projects/contract.ts";
import { record } from "../audit.ts";
import { newKey } from "../keys/token.ts";
import { demandRemoval } from "../projects.ts";
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
  personal: Type.Boolean({ description: "Made by a person for themselves; counts against that person’s budgets." }),
  createdAt: Time,
  expiresAt: Maybe(Time),
  revokedAt: Maybe(Time),
  lastUsedAt: Maybe(Time),
});
const MadeKey = Type.Object({ ...VirtualKey.properties, key: Type.String({ description: "Shown this once." }) });
const ById = Type.Object({ id: Type.String({ format: "uuid" }) });

const columns = `id, name, start, project_id as project, models, created_by as "createdBy", personal, created_at as "createdAt",
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
      const visible = rows.some(({ project }) => project !== null) ? await visibleProjects(app, identity) : [];
      return rows.filter(({ project }) => project === null || !visible || visible.includes(project)).map(told);
    },
  );

  app.post(
    "/api/ai/keys",
    {
      auth: { scope: "ai:run" },
      schema: {
        tags,
        summary: "Make a virtual key; without ai:manage one for oneself",
        body: KeyGiven,
        response: { 201: MadeKey },
      },
    },
    async ({ identity, body }, reply) => {
      const { key, start, hash } = newKey();
      if (body.expiresAt && Date.parse(body.expiresAt) <= Date.now()) {
        throw new ApiError("INVALID", "expiresAt must be in the future.");
      }
      const personal = !manages(identity);
      if (personal) demandOwn(identity, body);
      if (body.project !== undefined)
        await app.use(projectsContract).demand({ who: identity, project: body.project, role: "maintainer" });
      const row = await app.database.withTenant(identity, async (tx) => {
        if (personal) await demandRoom(tx, identity.person);
        const { rows } = await tx.query<Row>(
          `insert into virtual_key (name, start, hash, project_id, models, expires_at, created_by, personal)
           values ($1, $2, $3, $4, $5, $6, $7, $8) returning ${columns}`,
          [
            ...[body.name.trim(), start, hash, body.project, body.models ?? [], body.expiresAt],
            identity.person ?? identity.maker,
            personal,
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
      auth: { scope: "ai:run" },
      schema: {
        tags,
        summary: "Revoke a virtual key; without ai:manage one of one’s own",
        params: ById,
        response: { 204: Type.Null() },
      },
    },
    async ({ identity, params }, reply) => {
      const found = await app.database.query<{ project: string | null }>(identity, {
        name: "ai.key-to-revoke",
        text: `select project_id as project from virtual_key
          where id = $1 and ($2 or (personal and created_by = $3))`,
        values: [params.id, manages(identity), identity.person],
      });
      if (!found.rows[0]) throw missing();
      const { project } = found.rows[0];
      if (project !== null) await demandRemoval(app, identity, project, missing);
      await app.database.withTenant(identity, async (tx) => {
        const text = "update virtual_key set revoked_at = coalesce(revoked_at, now()) where id = $1 returning name";
        const { rows } = await tx.query<{ name: string }>(text, [params.id]);
        if (!rows[0]) throw missing();
        await record(tx, identity, { action: "key.revoked", target: params.id, name: rows[0].name });
      });
      return reply.code(204).send(null);
    },
  );
}

/** Of people who make keys for themselves: days one lasts at most, and how many each may have at a time. */
export const ownKeys = { days: 365, most: 10 };

function missing(): ApiError {
  return new ApiError("NOT_FOUND", "There is no such key.");
}

function manages({ scopes }: Identity): boolean {
  return scopes.includes("*") || scopes.includes("ai:manage");
}

/** @throws ApiError FORBIDDEN or INVALID */
function demandOwn({ person, via }: Identity, { project, expiresAt }: Static<typeof KeyGiven>): void {
  if (person === undefined || via !== "session") {
    throw new ApiError("FORBIDDEN", "Only a person who is signed in makes a key for themselves.", {
      hint: "Making keys for others needs ai:manage.",
    });
  }
  if (project !== undefined) {
    throw new ApiError("FORBIDDEN", "A key of your own counts against your own budgets, never a project’s.", {
      hint: "Leave the project out, or ask an administrator for a key of the project.",
    });
  }
  if (expiresAt === undefined || Date.parse(expiresAt) > Date.now() + ownKeys.days * 86_400_000 + 60_000) {
    throw new ApiError("INVALID", `A key of your own lasts at most ${ownKeys.days} days.`, {
      hint: "Give expiresAt, a day within these.",
    });
  }
}

/** @throws ApiError CONFLICT */
async function demandRoom(tx: Transaction, person: string | undefined): Promise<void> {
  // Of two at once the second counts the first.
  await tx.query("select pg_advisory_xact_lock(hashtextextended('ai_gateway own keys ' || $1, 0))", [person]);
  const { rows } = await tx.query<{ count: number }>(
    `select count(*)::int as count from virtual_key
     where personal and created_by = $1 and revoked_at is null and (expires_at is null or expires_at > now())`,
    [person],
  );
  if ((rows[0]?.count ?? 0) < ownKeys.most) return;
  throw new ApiError("CONFLICT", `You have ${ownKeys.most} keys of your own, which is as many as there may be.`, {
    hint: "Revoke one that is no longer used.",
  });
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
