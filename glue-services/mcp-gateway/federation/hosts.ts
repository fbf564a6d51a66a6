import { randomUUID } from "node:crypto";
import type { AddressInfo } from "node:net";
import { networkInterfaces } from "node:os";
import type { FastifyReply, FastifyRequest } from "fastify";
import { Agent } from "undici";
import type { App } from "../../kit/index.ts";
import type { Caller } from "../access/caller.ts";
import type { Seal } from "../pass/seal.ts";

/**
 * The hosts that share a database. What one keeps in memory (a session with its programs, a stream, an open question) bears
 * its id, and a request about it that comes to another host is forwarded to it.
 */
export interface Hosts {
  /** This host's id. */
  own: string;
  /** Tells the others where this host is reached. */
  announce(): Promise<void>;
  /** Whether another host forwarded this request, which has counted it. */
  isForwarded(caller: Caller, request: FastifyRequest): boolean;
  /** Has the owner answer; undefined when it is this host, is gone, or cannot be reached. */
  forward(
    owner: string,
    caller: Caller,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply | undefined>;
  close(): Promise<void>;
}

/** Proves to another host of the same secret that a request was checked here. */
const header = "x-devflow-mcp-host";
const beatMs = 20_000;
const betweenHosts = /^(connection|keep-alive|transfer-encoding|content-length|upgrade|expect)$/;
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function openHosts({ server, database }: Pick<App, "server" | "database">, seal: () => Seal): Hosts {
  const own = randomUUID();
  const agent = new Agent({
    connections: 4096,
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
    connectTimeout: 3000,
  });
  const known = new Map<string, { address: string; until: number }>();
  let announced: Promise<void> | undefined;
  let beat: NodeJS.Timeout | undefined;
  const hosts: Hosts = {
    own,
    announce() {
      announced ??= write().catch((error: unknown) => {
        announced = undefined;
        throw error;
      });
      return announced;
    },
    isForwarded: (caller, { headers }) =>
      typeof headers[header] === "string" && seal().open(caller, header, headers[header]) !== undefined,
    async forward(owner, caller, request, reply) {
      if (owner === own || !uuid.test(owner) || hosts.isForwarded(caller, request)) return undefined;
      const address = await addressOf(owner);
      if (!address) return undefined;
      const headers = Object.entries(request.headers).filter(([name]) => !betweenHosts.test(name));
      const abort = new AbortController();
      reply.raw.once("close", () => reply.raw.writableFinished || abort.abort());
      try {
        const answer = await agent.request({
          origin: address,
          path: request.url,
          method: request.method as "GET" | "POST" | "DELETE",
          headers: {
            ...(Object.fromEntries(headers) as Record<string, string>),
            [header]: seal().close(caller, header, own),
          },
          body: request.method === "POST" ? (request.body as Buffer) : null,
          signal: abort.signal,
        });
        reply.code(answer.statusCode);
        for (const [name, value] of Object.entries(answer.headers)) {
          if (!betweenHosts.test(name) && value !== undefined) reply.header(name, value);
        }
        return reply.send(answer.body);
      } catch {
        known.delete(owner);
        return abort.signal.aborted ? reply : undefined;
      }
    },
    async close() {
      clearInterval(beat);
      await database.pool.query("delete from mcp_gateway.host where id = $1", [own]).catch(() => {});
      await agent.destroy();
    },
  };
  return hosts;

  async function write(): Promise<void> {
    const address = addressOfServer(server.address());
    if (!address) return;
    const text = `insert into mcp_gateway.host (id, address) values ($1, $2)
      on conflict (id) do update set seen_at = now(), address = excluded.address`;
    await database.pool.query(text, [own, address]);
    await database.pool.query("delete from mcp_gateway.host where seen_at < now() - interval '1 hour'");
    beat ??= setInterval(() => void database.pool.query(text, [own, address]).catch(() => {}), beatMs).unref();
  }

  async function addressOf(owner: string): Promise<string | undefined> {
    const there = known.get(owner);
    if (there && there.until > performance.now()) return there.address;
    const { rows } = await database.pool.query<{ address: string }>(
      "select address from mcp_gateway.host where id = $1 and seen_at > now() - interval '2 minutes'",
      [owner],
    );
    if (known.size > 1000) known.clear();
    if (rows[0]) known.set(owner, { address: rows[0].address, until: performance.now() + beatMs });
    return rows[0]?.address;
  }
}

/** A server that listens everywhere is reached at the machine's first address that is not its own alone. */
function addressOfServer(listens: AddressInfo | string | null): string | undefined {
  if (!listens || typeof listens === "string") return undefined;
  const { address, port } = listens;
  const everywhere = address === "::" || address === "0.0.0.0";
  const others = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  const first =
    others.find(({ internal, family }) => !internal && family === "IPv4") ?? others.find((one) => !one.internal);
  const at = everywhere ? (first?.address ?? "127.0.0.1") : address;
  return `http://${at.includes(":") ? `[${at}]` : at}:${port}`;
}
