import { type Static, Type } from "typebox";
import { ApiError, type App, type Client, type Identity } from "../kit/index.ts";
import { projectsContract, type Role } from "../projects/contract.ts";
import { record } from "./audit.ts";
import { parseReference, Unresolvable } from "./backends/index.ts";
import type { secretsContract } from "./contract.ts";
import type { MasterKeys } from "./master-key.ts";
import { ageOf, type PlatformTier } from "./platform-tier.ts";
import { AuditEntry, ByName, NewValue, Resolved, Rotation, SecretEntry, type Tier, Wanted, Where } from "./schemas.ts";
import { type Listed, list, put, remove, rotate } from "./store.ts";

const tags = ["secrets"];
const manage = { scope: "secrets:manage" } as const;
const Done = Type.Object({ name: Type.String(), tier: Type.String(), version: Type.Integer() });

/** Names for everyone who may see them, changes for those who manage them, values for services only. */
export function secretRoutes(
  app: App,
  parts: { keys: MasterKeys; platform: PlatformTier; secrets: Client<typeof secretsContract.calls> },
): void {
  const { keys, platform, secrets } = parts;
  const demand = async (who: Identity, project: string | undefined, role: Role) => {
    if (project !== undefined) await app.use(projectsContract).demand({ who, project, role });
  };

  app.get(
    "/api/secrets",
    {
      auth: { scope: "secrets:read" },
      schema: {
        tags,
        summary: "Names of secrets, never values",
        querystring: Where,
        response: { 200: Type.Array(SecretEntry) },
      },
    },
    async ({ identity, query }) => {
      await demand(identity, query.project, "viewer");
      const own = await app.database.readTenant(identity, (tx) => list(tx, query));
      // What the whole platform stands on is not for every organisation to see.
      const shared = identity.roles.includes("platform-administrator") ? await platform.list() : [];
      return [...own.map(shown), ...shared];
    },
  );

  app.put(
    "/api/secrets/:name",
    {
      auth: manage,
      schema: {
        tags,
        summary: "Set a value or a reference",
        params: ByName,
        body: NewValue,
        response: { 200: Done, 201: Done },
      },
    },
    async ({ identity, params: { name }, body }, reply) => {
      if (body.reference !== undefined) demandReference(body.reference, identity);
      await demand(identity, body.project, "maintainer");
      const { row, made } = await app.database.withTenant(identity, async (tx) => {
        const done = await put(tx, keys, { name, ...body });
        await record(tx, { action: "set", ...told(done.row, identity) });
        return done;
      });
      return reply.code(made ? 201 : 200).send({ name, tier: tierOf(row), version: row.version });
    },
  );

  app.post(
    "/api/secrets/:name/rotate",
    {
      auth: manage,
      schema: {
        tags,
        summary: "Set a new value; the former one stays valid for a while",
        params: ByName,
        body: Rotation,
        response: { 200: Done },
      },
    },
    async ({ identity, params: { name }, body }) => {
      await demand(identity, body.project, "maintainer");
      return app.database.withTenant(identity, async (tx) => {
        const row = await rotate(tx, keys, { name, ...body });
        await record(tx, { action: "rotated", ...told(row, identity) });
        return { name, tier: tierOf(row), version: row.version };
      });
    },
  );

  app.delete(
    "/api/secrets/:name",
    {
      auth: manage,
      schema: { tags, summary: "Delete it", params: ByName, querystring: Where, response: { 204: Type.Null() } },
    },
    async ({ identity, params: { name }, query }, reply) => {
      await demand(identity, query.project, "maintainer");
      await app.database.withTenant(identity, async (tx) => {
        const row = await remove(tx, name, query);
        await record(tx, { action: "deleted", ...told(row, identity) });
      });
      return reply.code(204).send(null);
    },
  );

  app.post(
    "/api/secrets/resolve",
    {
      auth: { scope: "secrets:resolve" },
      schema: { tags, summary: "The value, for a service", body: Wanted, response: { 200: Resolved } },
    },
    async ({ identity, body }, reply) => {
      demandService(identity);
      // A key of the organisation itself was made for a service, by whoever administers it.
      if (identity.person !== undefined) await demand(identity, body.project, "viewer");
      const resolved = await secrets.resolve({ reader: readerOf(identity), wanted: body });
      return reply.header("cache-control", "no-store").send(resolved);
    },
  );

  app.get(
    "/api/secrets/audit",
    {
      auth: { scope: "audit:read" },
      schema: {
        tags,
        summary: "Who read and changed what, the latest first",
        response: { 200: Type.Array(AuditEntry) },
      },
    },
    ({ identity }) =>
      app.database.readTenant(identity, async (tx) => {
        const { rows } = await tx.query<Omit<Static<typeof AuditEntry>, "at"> & { at: Date }>(
          `select id::text, at, person, credential, action, tier, project_id as project, name, version, purpose
           from audit order by id desc limit 200`,
        );
        return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
      }),
  );
}

/** A person, and a key that may do everything, still see no value: only a key that was made for it. */
function demandService(identity: Identity): void {
  if (identity.via === "key" && identity.scopes.includes("secrets:resolve")) return;
  throw new ApiError("FORBIDDEN", "Values are given only to API keys with the scope secrets:resolve itself.", {
    hint: "Make a key with that one scope for the service that needs the value.",
  });
}

/**
 * The platform's own access to 1Password and its `.env` file serve every reference, so one that an organisation chose
 * itself could read what is another's.
 */
function demandReference(reference: string, identity: Identity): void {
  try {
    parseReference(reference);
  } catch (error) {
    if (error instanceof Unresolvable) throw new ApiError("INVALID", error.message, { hint: error.hint });
    throw error;
  }
  if (identity.roles.includes("platform-administrator")) return;
  throw new ApiError(
    "FORBIDDEN",
    "Only a platform administrator may set a reference, since the platform's access reads it.",
  );
}

function readerOf({ organisation, person, credential }: Identity) {
  return { organisation, person, credential };
}

function told(row: Parameters<typeof tierOf>[0] & { name: string; version: number }, { credential }: Identity) {
  return { tier: tierOf(row), name: row.name, project: row.project_id, version: row.version, credential };
}

function tierOf({ project_id }: { project_id: string | null }): Tier {
  return project_id === null ? "organisation" : "project";
}

function shown(row: Listed): SecretEntry {
  const changedAt = row.changed_at.toISOString();
  const elsewhere = row.reference !== null;
  return {
    name: row.name,
    tier: tierOf(row),
    project: row.project_id,
    backend: backendOf(row.reference),
    reference: row.reference,
    version: row.version,
    createdAt: row.created_at.toISOString(),
    changedAt,
    ageDays: ageOf(changedAt),
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
    rotation: {
      state: elsewhere ? "manual" : row.until ? "overlap" : "steady",
      until: row.until?.toISOString() ?? null,
    },
    writable: true,
  };
}

function backendOf(reference: string | null): SecretEntry["backend"] {
  if (reference === null) return "database";
  return reference.startsWith("env:") ? "env-file" : "1password";
}
