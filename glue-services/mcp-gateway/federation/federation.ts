import { randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import {
  createMcpHandler,
  isInitializeRequest,
  isLegacyRequest,
  type McpHttpHandler,
  WebStandardStreamableHTTPServerTransport,
} from "@modelcontextprotocol/server";
import type { FastifyReply, FastifyRequest } from "fastify";
import { holderOf } from "../access/caller.ts";
import type { Gateway } from "../gateway.ts";
import { parseBody } from "../pass/message.ts";
import { type Connections, type Hear, leasedConnections, sharedConnections } from "./connections.ts";
import { prefixOf } from "./exposed-name.ts";
import { type Following, following } from "./following.ts";
import { ownSource } from "./own.ts";
import { openParking, type Parking, parkedAt } from "./parking.ts";
import { type Kept, toEnd } from "./room.ts";
import { federatedServer } from "./server.ts";
import type { Source } from "./source.ts";
import { type Exchange, governed, upstreamSource } from "./sources.ts";

/** Servers and the platform's own tools as one server, and servers that do not speak HTTP. */
export interface Federation {
  /** Name of the platform's own tools, as a server. */
  ownName: string;
  serve(exchange: Exchange, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply>;
  /** The sources of an exchange, for a client within the gateway. */
  sources(exchange: Exchange, connections: Connections): Source[];
  /** Servers or rules changed: clients are told that lists did. */
  changed(): void;
  close(): Promise<void>;
}

interface Session extends Kept {
  caller: string;
  only: string | undefined;
  transport: WebStandardStreamableHTTPServerTransport;
  connections: Connections;
  following: Following;
  tellChanged(): void;
}

/** A caller without sessions. */
interface Visitor extends Kept {
  handler: McpHttpHandler;
  connections: Connections;
  parking: Parking;
}

const ownName = "devflow";
/** Milliseconds without a request after which a session, or what is kept for a caller, ends. */
const idle = { session: 30 * 60_000, visitor: 5 * 60_000 };
const most = { sessions: { ofHolder: 64, all: 2000 }, visitors: { ofHolder: 64, all: 2000 } };

/** @param gateway is complete only after this returns */
export function openFederation(gateway: () => Gateway): Federation {
  const sessions = new Map<string, Session>();
  const visitors = new Map<string, Visitor>();
  const sweeping = setInterval(sweep, 15_000);
  sweeping.unref();

  const federation: Federation = {
    ownName,
    sources,
    async serve(exchange, request, reply) {
      const parsed = request.method === "POST" ? parseBody(request.body) : undefined;
      const owner = ownerOf(request, parsed);
      const answered = owner && (await gateway().hosts.forward(owner, exchange.caller, request, reply));
      if (answered) return answered;
      const web = toWeb(gateway().publicUrl, request, reply);
      const legacy = await isLegacyRequest(web, parsed);
      const answer = legacy
        ? await inSession(exchange, request, reply, web, parsed)
        : await alone(exchange, reply, web, parsed);
      return send(answer, reply);
    },
    changed() {
      for (const session of sessions.values()) session.tellChanged();
      for (const { handler } of visitors.values()) {
        handler.notify.toolsChanged();
        handler.notify.promptsChanged();
        handler.notify.resourcesChanged();
      }
    },
    async close() {
      clearInterval(sweeping);
      await Promise.all([...sessions.keys()].map(end));
      await Promise.all([...visitors.keys()].map(dismiss));
    },
  };
  return federation;

  function sources(exchange: Exchange, connections: Connections): Source[] {
    const { caller, organisation, only } = exchange;
    const own = only === undefined || only === ownName ? [ownSource(gateway().app, caller, ownName)] : [];
    const servers = organisation.servers.filter(({ name }) => only === undefined || name === only);
    const others = servers.map((server) =>
      upstreamSource(gateway(), caller, server, connections, only === undefined ? prefixOf(server.name) : ""),
    );
    return [...own, ...others].map((source) => governed(gateway(), exchange, source));
  }

  /** The protocol of 2025, with sessions. */
  async function inSession(
    exchange: Exchange,
    request: FastifyRequest,
    reply: FastifyReply,
    web: Request,
    parsed: unknown,
  ): Promise<Response> {
    const id = request.headers["mcp-session-id"];
    if (typeof id === "string") {
      const session = sessions.get(id);
      // Another caller's session is like one that never was.
      if (!session || session.caller !== exchange.caller.id || session.only !== exchange.only) return noSession(parsed);
      hold(session, reply);
      session.following.follow(exchange);
      return session.transport.handleRequest(web, { parsedBody: parsed });
    }
    const begins = [parsed].flat().some((message) => isInitializeRequest(message));
    if (begins) return begin(exchange, web, parsed);
    // Whoever has no use for a session, or lost theirs on the way, is answered all the same: each request by itself.
    if (request.method === "POST") return alone(exchange, reply, web, parsed);
    return Response.json(error(parsed, -32000, "An MCP client begins with POST. How to connect one: docs/mcp."), {
      status: 405,
      headers: { allow: "POST" },
    });
  }

  async function begin(exchange: Exchange, web: Request, parsed: unknown): Promise<Response> {
    const holder = holderOf(exchange.caller);
    const room = toEnd(sessions, holder, most.sessions);
    if (room !== undefined) await end(room);
    await gateway().hosts.announce();
    const hear: Hear = (_server, method, params) => {
      if (method.startsWith("notifications/")) void server.notification({ method, params } as never).catch(() => {});
    };
    const connections = sharedConnections(gateway(), exchange.caller, hear);
    const followed = following(exchange, (now) => sources(now, connections));
    const server = federatedServer(followed.sources, undefined);
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => `${gateway().hosts.own}.${randomUUID()}`,
      onsessioninitialized: (id) => {
        sessions.set(id, {
          ...{ caller: exchange.caller.id, only: exchange.only, transport, connections },
          ...{ holder, open: 0, used: Date.now() },
          following: followed,
          tellChanged: () => void server.sendToolListChanged().catch(() => {}),
        });
      },
      onsessionclosed: end,
    });
    await server.connect(transport as never);
    return transport.handleRequest(web, { parsedBody: parsed });
  }

  async function alone(exchange: Exchange, reply: FastifyReply, web: Request, parsed: unknown): Promise<Response> {
    await gateway().hosts.announce();
    const visitor = visitorOf(exchange);
    hold(visitor, reply);
    return visitor.handler.fetch(web, { parsedBody: parsed, authInfo: authInfo(exchange) });
  }

  /** Who sends requests that stand alone, as all of the protocol of 2026 do. */
  function visitorOf(exchange: Exchange): Visitor {
    const key = `${exchange.caller.id} ${exchange.only ?? ""}`;
    let visitor = visitors.get(key);
    if (!visitor) {
      const holder = holderOf(exchange.caller);
      const room = toEnd(visitors, holder, most.visitors);
      if (room !== undefined) void dismiss(room);
      const parking = openParking(gateway().hosts.own);
      const connections = leasedConnections(gateway(), exchange.caller, (_server, method) => {
        if (method === "notifications/tools/list_changed") handler.notify.toolsChanged();
        if (method === "notifications/prompts/list_changed") handler.notify.promptsChanged();
        if (method === "notifications/resources/list_changed") handler.notify.resourcesChanged();
      });
      const handler = createMcpHandler(
        ({ authInfo }) => {
          const own = sources(authInfo?.extra?.exchange as Exchange, connections);
          return federatedServer(() => own, parking);
        },
        { legacy: "stateless", maxSubscriptions: 32 },
      );
      visitor = { handler, connections, parking, holder, open: 0, used: Date.now() };
      visitors.set(key, visitor);
    }
    return visitor;
  }

  function sweep(): void {
    const now = Date.now();
    const unused = ({ open, used }: Kept, ms: number) => open === 0 && now - used > ms;
    for (const [id, session] of sessions) if (unused(session, idle.session)) void end(id);
    for (const [key, visitor] of visitors) {
      if (unused(visitor, idle.visitor) && visitor.parking.size() === 0) void dismiss(key);
    }
  }

  async function end(id: string): Promise<void> {
    const session = sessions.get(id);
    sessions.delete(id);
    await session?.transport.close().catch(() => {});
    await session?.connections.close();
  }

  async function dismiss(key: string): Promise<void> {
    const visitor = visitors.get(key);
    visitors.delete(key);
    visitor?.parking.close();
    await visitor?.handler.close().catch(() => {});
    await visitor?.connections.close();
  }
}

/** What a request or stream is open for is in use until its connection closes, however long that takes. */
function hold(kept: Kept, reply: FastifyReply): void {
  kept.open++;
  reply.raw.once("close", () => {
    kept.open--;
    kept.used = Date.now();
  });
}

/** The host that keeps the session or the open question which a request is about. */
function ownerOf({ headers }: FastifyRequest, parsed: unknown): string | undefined {
  const session = headers["mcp-session-id"];
  if (typeof session === "string") return session.split(".")[0];
  const [message] = [parsed].flat() as { params?: { requestState?: unknown } }[];
  return parkedAt(message?.params?.requestState);
}

function authInfo(exchange: Exchange) {
  const { caller } = exchange;
  return { token: "", clientId: caller.id, scopes: [...caller.scopes], extra: { exchange } };
}

function toWeb(publicUrl: string, request: FastifyRequest, reply: FastifyReply): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    // What proves who is calling was for the gateway alone.
    if (name !== "authorization" && name !== "cookie" && value !== undefined) headers.set(name, String(value));
  }
  const abort = new AbortController();
  reply.raw.once("close", () => abort.abort());
  return new Request(new URL(request.url, publicUrl), {
    method: request.method,
    headers,
    signal: abort.signal,
    ...(request.method === "POST" && { body: new Uint8Array(request.body as Buffer) }),
  });
}

function send(answer: Response, reply: FastifyReply): FastifyReply {
  reply.code(answer.status);
  for (const [name, value] of answer.headers) reply.header(name, value);
  if (answer.headers.get("content-type")?.startsWith("text/event-stream")) reply.header("x-accel-buffering", "no");
  return reply.send(answer.body ? Readable.fromWeb(answer.body as never) : null);
}

function noSession(parsed: unknown): Response {
  return Response.json(error(parsed, -32001, "There is no such session."), { status: 404 });
}

function error(parsed: unknown, code: number, message: string): object {
  const [first] = [parsed].flat() as { id?: unknown }[];
  return { jsonrpc: "2.0", id: first?.id ?? null, error: { code, message } };
}
