import { Type } from "typebox";
import { ApiError, audit, type Identity, type Tenant, type Transaction } from "../../kit/index.ts";
import { webAddress } from "../fetch/fetch.ts";
import type { Knowledge } from "../knowledge.ts";
import { readProblems } from "../runs/problems.ts";
import { beginRun, endRun } from "../runs/run.ts";
import {
  ById,
  SourceGiven as Given,
  ProblemTold,
  SourceChange,
  type SourceGiven,
  type SourceTold,
  SourceTold as Told,
} from "../schemas.ts";
import { readSources } from "../store/sources.ts";

const tags = ["knowledge"];
const read = { scope: "knowledge:read" };
const write = { scope: "knowledge:write" };
const NotThere = () => new ApiError("NOT_FOUND", "There is no such source.");

/** Sites, repositories and collections of files. */
export function sourceRoutes(knowledge: Knowledge): void {
  const { app, database } = knowledge;

  app.get(
    "/api/knowledge/sources",
    { auth: read, schema: { tags, summary: "Sources, the newest first", response: { 200: Type.Array(Told) } } },
    ({ identity }) => readSources(database, identity),
  );

  app.get(
    "/api/knowledge/sources/:id",
    { auth: read, schema: { tags, summary: "One source", params: ById, response: { 200: Told } } },
    ({ identity, params }) => one(knowledge, identity, params.id),
  );

  app.get(
    "/api/knowledge/sources/:id/problems",
    {
      auth: read,
      schema: {
        tags,
        summary:
          "Pages or files of a source that failed, were left out, or lost something, in the order of their addresses",
        params: ById,
        querystring: Type.Object({
          after: Type.Optional(
            Type.String({ maxLength: 4000, description: "The last address of what was read so far." }),
          ),
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
          kind: Type.Optional(Type.Union([Type.Literal("failed"), Type.Literal("partial"), Type.Literal("skipped")])),
        }),
        response: { 200: Type.Array(ProblemTold) },
      },
    },
    async ({ identity, params, query }) => {
      await one(knowledge, identity, params.id);
      return readProblems(database, identity, params.id, query);
    },
  );

  app.post(
    "/api/knowledge/sources",
    {
      auth: write,
      schema: { tags, summary: "Add a source and begin to read it", body: Given, response: { 201: Told } },
    },
    async ({ identity, body }, reply) => reply.code(201).send(await addSource(knowledge, identity, body)),
  );

  app.patch(
    "/api/knowledge/sources/:id",
    {
      auth: write,
      schema: { tags, summary: "Change a source", params: ById, body: SourceChange, response: { 200: Told } },
    },
    async ({ identity, params, body }) => {
      await database.withTenant(identity, async (tx) => {
        const { rows } = await tx.query<{ name: string }>(
          `update source set name = coalesce($2, name), tags = coalesce($3, tags),
             refresh_hours = case when $4 then $5 else refresh_hours end, settings = coalesce($6, settings)
           where id = $1 returning name`,
          [
            params.id,
            body.name?.trim(),
            body.tags,
            body.refreshHours !== undefined,
            body.refreshHours,
            body.settings && JSON.stringify(body.settings),
          ],
        );
        if (!rows[0]) throw NotThere();
        await audit(tx, { action: "source.changed", target: params.id, name: rows[0].name, details: body });
      });
      knowledge.tell(identity, { source: params.id });
      return one(knowledge, identity, params.id);
    },
  );

  app.delete(
    "/api/knowledge/sources/:id",
    {
      auth: write,
      schema: {
        tags,
        summary: "Delete a source and all that was read of it",
        params: ById,
        response: { 204: Type.Null() },
      },
    },
    async ({ identity, params }, reply) => {
      await removeSource(knowledge, identity, params.id);
      return reply.code(204).send(null);
    },
  );

  app.post(
    "/api/knowledge/sources/:id/read",
    { auth: write, schema: { tags, summary: "Read a source again", params: ById, response: { 202: Told } } },
    async ({ identity, params }, reply) => {
      await readAgain(knowledge, identity, params.id);
      return reply.code(202).send(await one(knowledge, identity, params.id));
    },
  );

  app.post(
    "/api/knowledge/sources/:id/cancel",
    {
      auth: write,
      schema: { tags, summary: "Stop reading; what was read stays", params: ById, response: { 200: Told } },
    },
    async ({ identity, params }) => {
      await cancelSource(knowledge, identity, params.id);
      return one(knowledge, identity, params.id);
    },
  );
}

/**
 * What is read twice is found twice. Two addresses are the same whatever their case, scheme, `www.` or last slash.
 *
 * @throws ApiError CONFLICT
 */
async function demandNew(tx: Transaction, kind: string, address: string): Promise<void> {
  // Of two at once the second sees the first.
  await tx.query("select pg_advisory_xact_lock(hashtextextended('knowledge source ' || devflow.organisation(), 0))");
  const { rows } = await tx.query<{ name: string; address: string }>(
    "select name, address from source where kind = $1 and address is not null",
    [kind],
  );
  const same = rows.find((one) => plain(one.address) === plain(address));
  if (!same) return;
  throw new ApiError("CONFLICT", `${address} is a source already: ${same.name}.`, {
    hint: "Read that one again, or delete it first.",
    docs: "knowledge",
  });
}

function plain(address: string): string {
  const bare = address.replace(/^https?:\/\/(www\.)?/i, "").replace(/\/+$/, "");
  const [host = "", ...rest] = bare.split("/");
  return [host.toLowerCase(), ...rest].join("/");
}

/** Hours between two readings; a push makes another one of a repository at once, where it is told. */
const standard = { site: null, git: 6, files: null };

/** @throws ApiError INVALID */
export async function addSource(knowledge: Knowledge, identity: Identity, given: SourceGiven): Promise<SourceTold> {
  const address = addressOf(knowledge, given);
  const id = await knowledge.database.withTenant(identity, async (tx) => {
    if (address !== undefined && address !== null) await demandNew(tx, given.kind, address);
    const { rows } = await tx.query<{ id: string; name: string }>(
      `insert into source (kind, name, address, tags, refresh_hours, settings) values ($1, $2, $3, $4, $5, $6)
       returning id, name`,
      [
        given.kind,
        given.name?.trim() ?? address?.replace(/^https?:\/\/(www\.)?|\/$/g, "").slice(0, 120) ?? "Files",
        address,
        given.tags ?? [],
        given.refreshHours === undefined ? standard[given.kind] : given.refreshHours,
        JSON.stringify(given.settings ?? {}),
      ],
    );
    const { id: source, name } = rows[0] as { id: string; name: string };
    await audit(tx, { action: "source.added", target: source, name, details: { kind: given.kind, address } });
    if (given.kind !== "files") await beginRun(tx, knowledge.jobs, source);
    return source;
  });
  knowledge.tell(identity, { source: id });
  return one(knowledge, identity, id);
}

function addressOf({ git }: Knowledge, { kind, address }: SourceGiven): string | null {
  if (kind === "files") return null;
  if (!address) throw new ApiError("INVALID", `A source of kind ${kind} needs an address.`);
  if (kind === "site") return webAddress(address).href;
  if (!git)
    throw new ApiError("UNAVAILABLE", "This stack has no Gitea to read repositories from.", {
      hint: "Switch the component code on.",
    });
  return git.repositoryOf(address);
}

async function one({ database }: Knowledge, tenant: Tenant, id: string): Promise<SourceTold> {
  const [source] = await readSources(database, tenant, id);
  if (!source) throw NotThere();
  return source;
}

/** @throws ApiError NOT_FOUND */
export async function removeSource(knowledge: Knowledge, identity: Identity, id: string): Promise<void> {
  await knowledge.database.withTenant(identity, async (tx) => {
    const { rows } = await tx.query<{ name: string }>("delete from source where id = $1 returning name", [id]);
    if (!rows[0]) throw NotThere();
    await audit(tx, { action: "source.removed", target: id, name: rows[0].name });
    await knowledge.index.changed?.(tx);
  });
  knowledge.tell(identity, { source: id });
}

/** @throws ApiError NOT_FOUND, INVALID, CONFLICT */
export async function readAgain(knowledge: Knowledge, identity: Identity, id: string): Promise<void> {
  await knowledge.database.withTenant(identity, async (tx) => {
    const { rows } = await tx.query<{ kind: string }>("select kind from source where id = $1", [id]);
    if (!rows[0]) throw NotThere();
    if (rows[0].kind === "files") {
      throw new ApiError("INVALID", "Files are read when they are uploaded.", {
        hint: "Upload the changed file again.",
      });
    }
    await beginRun(tx, knowledge.jobs, id);
  });
  knowledge.tell(identity, { source: id });
}

/** @throws ApiError CONFLICT when it is not being read */
export async function cancelSource(knowledge: Knowledge, identity: Identity, id: string): Promise<void> {
  await knowledge.database.withTenant(identity, (tx) => cancel(tx, id));
  knowledge.tell(identity, { source: id });
}

async function cancel(tx: Transaction, source: string): Promise<void> {
  const { rows } = await tx.query<{ id: string }>(
    "select id from run where source_id = $1 and state in ('waiting', 'running')",
    [source],
  );
  if (!rows[0]) throw new ApiError("CONFLICT", "This source is not being read.");
  await endRun(tx, rows[0].id, "cancelled");
}
