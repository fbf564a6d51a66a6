import { type Static, Type } from "typebox";
import { ApiError, type App, type Identity, isPrivateHost, type Transaction } from "../../kit/index.ts";
import { secretsContract } from "../../secrets/contract.ts";
import { asCaller, inDashboard } from "../access/caller.ts";
import { record } from "../audit.ts";
import { leasedConnections } from "../federation/connections.ts";
import { type Result, Unreachable } from "../federation/source.ts";
import type { Gateway } from "../gateway.ts";
import { keepSecrets, withFormer } from "../keeping.ts";
import { type Given, ServerGiven, ServerTold } from "../schemas.ts";
import { noPrograms } from "../servers.ts";

const tags = ["mcp"];
const ById = Type.Object({ id: Type.String({ format: "uuid" }) });
const Try = Type.Object(
  { tool: Type.String({ maxLength: 200 }), arguments: Type.Optional(Type.Record(Type.String(), Type.Unknown())) },
  { additionalProperties: false },
);
const Answer = Type.Record(Type.String(), Type.Unknown());
const columns = `id, name, title, transport, url, command, headers, environment, enabled,
  person_id is not null as personal, coalesce(kept, '{}') as kept,
  changed_at as "changedAt"`;

/** Servers of an organisation, and of a person. */
export function serverRoutes(app: App, gateway: Gateway): void {
  app.get(
    "/api/mcp/servers",
    {
      auth: { scope: "mcp:read" },
      schema: { tags, summary: "Servers, by name", response: { 200: Type.Array(ServerTold) } },
    },
    async ({ identity }) => {
      const { rows } = await app.database.query<Row>(identity, {
        name: "mcp.servers",
        text: `select ${columns} from server where person_id is null or person_id = $1 order by name, personal`,
        values: [identity.person],
      });
      return rows.map((row) => told(gateway, row));
    },
  );

  app.put(
    "/api/mcp/servers",
    {
      auth: { scope: "mcp:use" },
      schema: {
        tags,
        summary: "Add a server, or change the one of this name",
        body: ServerGiven,
        response: { 200: ServerTold },
      },
    },
    async ({ identity, body }) => {
      const internal = identity.roles.includes("platform-administrator");
      const whose = body.personal ? identity.person : null;
      const { rows: known } = await app.database.query<Former>(identity, {
        name: "mcp.former",
        text: `select headers, environment, coalesce(kept, '{}') as kept from server
          where name = $1 and person_id is not distinct from $2::uuid`,
        values: [body.name, whose],
      });
      const given = withFormer(checked(body, { identity, internal, programs: gateway.programs }), known[0]);
      checkNamed(given, identity, known[0]?.kept ?? []);
      const { server, kept, settle } = await keepSecrets(app, identity, given, known[0]?.kept ?? []);
      const store = async (tx: Transaction) => {
        const { rows } = await tx.query<Row>(
          `insert into server (name, title, transport, url, command, headers, environment, enabled, internal, person_id, kept)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
           on conflict (organisation_id, person_id, name) do update set title = excluded.title,
             transport = excluded.transport, url = excluded.url, command = excluded.command, headers = excluded.headers,
             environment = excluded.environment, enabled = excluded.enabled, internal = excluded.internal, kept = excluded.kept,
             changed_at = now()
           returning ${columns}`,
          [
            ...[server.name, server.title ?? "", server.transport, server.url, server.command],
            ...[JSON.stringify(server.headers ?? {}), JSON.stringify(server.environment ?? {}), server.enabled ?? true],
            ...[internal, whose, kept],
          ],
        );
        const details = { transport: server.transport, personal: server.personal ?? false };
        await record(tx, identity, { action: "server.set", target: server.name, details });
        return rows[0] as Row;
      };
      const row = await app.database.withTenant(identity, store).catch(async (error: unknown) => {
        await settle(false);
        throw error;
      });
      await settle(true);
      gateway.registry.doubt();
      return told(gateway, row);
    },
  );

  app.delete(
    "/api/mcp/servers/:id",
    {
      auth: { scope: "mcp:use" },
      schema: { tags, summary: "Remove a server", params: ById, response: { 204: Type.Null() } },
    },
    async ({ identity, params }, reply) => {
      const kept = await app.database.withTenant(identity, async (tx) => {
        const { rows } = await tx.query<{ name: string; kept: string[] | null }>(
          "delete from server where id = $1 and (person_id = $2 or (person_id is null and $3)) returning name, kept",
          [params.id, identity.person, manages(identity)],
        );
        if (!rows[0]) throw new ApiError("NOT_FOUND", "There is no such server that you may remove.");
        await record(tx, identity, { action: "server.removed", target: rows[0].name });
        return rows[0].kept ?? [];
      });
      for (const name of kept) await app.use(secretsContract).forget({ reader: identity, name });
      gateway.registry.doubt();
      return reply.code(204).send(null);
    },
  );

  app.get(
    "/api/mcp/servers/:id/offer",
    {
      auth: { scope: "mcp:use" },
      config: { unhurried: true },
      schema: { tags, summary: "Connect to a server and list what it offers", params: ById, response: { 200: Answer } },
    },
    async ({ identity, params }) =>
      within(gateway, identity, params.id, async (ask) => {
        const since = performance.now();
        const tools = await ask("tools/list", {});
        const others = { prompts: "prompts/list", resources: "resources/list" };
        const found = Object.entries(others).map(async ([field, method]) => {
          const result = await ask(method, {}).catch((): Result => ({}));
          return [field, result[field] ?? []] as const;
        });
        return { ...tools, ...Object.fromEntries(await Promise.all(found)), ms: Math.round(performance.now() - since) };
      }),
  );

  app.post(
    "/api/mcp/servers/:id/try",
    {
      auth: { scope: "mcp:use" },
      config: { unhurried: true },
      schema: { tags, summary: "Call a tool of a server", params: ById, body: Try, response: { 200: Answer } },
    },
    async ({ identity, params, body }) =>
      within(gateway, identity, params.id, (ask) =>
        ask("tools/call", { name: body.tool, arguments: body.arguments ?? {} }),
      ),
  );
}

type Stored = Record<string, Given>;
type Former = { headers: Stored; environment: Stored; kept: string[] };
type Row = Omit<Static<typeof ServerTold>, "address" | "changedAt" | keyof Former> & Former & { changedAt: Date };

function told({ publicUrl }: Gateway, { changedAt, headers, environment, ...row }: Row): Static<typeof ServerTold> {
  return {
    ...{ ...row, headers: shown(headers), environment: shown(environment) },
    ...{ address: `${publicUrl}/mcp/servers/${row.name}`, changedAt: changedAt.toISOString() },
  };
}

/** Names of secrets are shown, values never: whoever lists servers need not know them. */
function shown(given: Stored): Static<typeof ServerTold>["headers"] {
  const entries = Object.entries(given).map(([name, one]) => [name, "value" in one ? { unchanged: true } : one]);
  return Object.fromEntries(entries);
}

/** @throws ApiError INVALID, FORBIDDEN */
function checked(
  body: ServerGiven,
  { identity, internal, programs }: { identity: Identity; internal: boolean; programs: boolean },
): ServerGiven {
  const { transport, url, command, personal = false, name } = body;
  if (name === "devflow") throw new ApiError("INVALID", "The name devflow is the platform's own.");
  if (!personal && !manages(identity))
    throw new ApiError("FORBIDDEN", "A server for everybody needs the scope mcp:manage.");
  if (personal && !identity.person)
    throw new ApiError("INVALID", "A key has no servers of its own: leave out `personal`.");
  if (transport === "stdio") {
    if (!command || url) throw new ApiError("INVALID", "A stdio server has a command, and no url.");
    if (!programs) throw new ApiError("FORBIDDEN", noPrograms);
    // Whoever starts programs on the host is its master.
    if (!internal)
      throw new ApiError("FORBIDDEN", "Only whoever administers the platform may add programs that run on it.");
    return body;
  }
  if (!url || command) throw new ApiError("INVALID", `A server of transport ${transport} has a url, and no command.`);
  if (Object.keys(body.environment ?? {}).length > 0)
    throw new ApiError("INVALID", "Only a stdio server has an environment.");
  const address = URL.parse(url);
  if (!address) throw new ApiError("INVALID", "url is no address.");
  // As it is read when it is asked, however it is spelled.
  if (address.username || address.password)
    throw new ApiError("INVALID", "An address has no password in it: give it as the header authorization.");
  if (!internal && isPrivateHost(address.hostname)) {
    throw new ApiError("FORBIDDEN", "Only whoever administers the platform may add addresses of private networks.");
  }
  return body;
}

/**
 * Whoever chooses an address and the secrets that are sent there reads them: a person's own server may name only what was
 * kept for it, unless they manage servers or secrets.
 *
 * @param kept names of the secrets that were kept for this server
 * @throws ApiError FORBIDDEN
 */
function checkNamed(given: ServerGiven, identity: Identity, kept: readonly string[]): void {
  if (!given.personal || manages(identity) || identity.scopes.includes("secrets:manage")) return;
  const all = [...Object.values(given.headers ?? {}), ...Object.values(given.environment ?? {})];
  const other = all.find((one) => "secret" in one && !kept.includes(one.secret));
  if (!other || !("secret" in other)) return;
  throw new ApiError(
    "FORBIDDEN",
    `The secret ${other.secret} is the organisation's: your own server may not name it.`,
    {
      hint: "Give the value itself, which is kept for this server alone, or ask whoever manages servers to add it for everybody.",
      docs: "mcp",
    },
  );
}

function manages({ scopes }: Identity): boolean {
  return scopes.includes("*") || scopes.includes("mcp:manage");
}

/** Speaks to one server as the person, with the rules that hold for them. @throws ApiError */
async function within(
  gateway: Gateway,
  identity: Identity,
  id: string,
  work: (ask: (method: string, params: Record<string, unknown>) => Promise<Result>) => Promise<Result>,
): Promise<Result> {
  const own = asCaller(identity);
  const caller = { ...own, id: `${own.id}${inDashboard}` };
  const organisation = await gateway.registry.of(caller);
  const server = organisation.servers.find((one) => one.id === id);
  if (!server) throw new ApiError("NOT_FOUND", "There is no such server, or it is switched off.");
  const connections = leasedConnections(gateway, caller, () => {});
  const [source] = gateway.federation.sources({ caller, organisation, only: server.name }, connections);
  try {
    return await work((method, params) => {
      if (!source) throw new ApiError("NOT_FOUND", "There is no such server.");
      const signal = AbortSignal.timeout(60_000);
      const ask = async () => Promise.reject(new Error("Nobody is there to answer it here."));
      return source.request(method, params, { signal, tell() {}, ask });
    });
  } catch (error) {
    if (error instanceof ApiError) throw error;
    const { message } = error as Error;
    const code = error instanceof Unreachable ? "UNAVAILABLE" : "INVALID";
    throw new ApiError(code, message, {
      hint: "Check the address, the command and the secrets of the server.",
      docs: "mcp",
    });
  } finally {
    await connections.close();
  }
}
