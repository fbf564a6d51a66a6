import { randomUUID } from "node:crypto";
import { isInitializeRequest, WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/server";
import type { FastifyReply, FastifyRequest } from "fastify";
import { holderOf } from "../access/caller.ts";
import type { Gateway } from "../gateway.ts";
import { type Connections, listChanges, notifier, type SharedConnections, sharedConnections } from "./connections.ts";
import { openAskedUris } from "./exposed-uri.ts";
import { type Following, following } from "./following.ts";
import { hold, isUnused, type Kept, toEnd } from "./kept.ts";
import { federatedServer } from "./server.ts";
import type { Source } from "./source.ts";
import { type Exchange, overNetwork } from "./sources.ts";
import { beginWithPost, noSession, type Parsed } from "./web.ts";

/** Clients of MCP 2025-11-25 and older, which begin a session and keep it. */
export interface Sessions {
  /** Undefined for a request without a session that does not begin one: it stands alone. */
  answer(
    exchange: Exchange,
    request: FastifyRequest,
    reply: FastifyReply,
    web: Request,
    parsed: Parsed,
  ): Promise<Response | undefined>;
  /** Servers or rules changed: clients are told that lists did. */
  changed(): void;
  /** Ends those that nobody used for long. */
  sweep(now: number): void;
  close(): Promise<void>;
}

interface Session extends Kept {
  caller: string;
  only: string | undefined;
  transport: WebStandardStreamableHTTPServerTransport;
  connections: SharedConnections;
  following: Following;
  /** Streams that the client listens on. */
  streams: number;
  tellChanged(): void;
}

/** Milliseconds without a request after which a session ends. */
const idle = 30 * 60_000;
const most = { ofHolder: 64, all: 2000 };

/** @param gateway is complete only after this returns */
export function openSessions(
  gateway: () => Gateway,
  sources: (exchange: Exchange, connections: Connections) => Source[],
): Sessions {
  const sessions = new Map<string, Session>();
  return {
    async answer(exchange, request, reply, web, parsed) {
      const id = request.headers["mcp-session-id"];
      if (typeof id === "string") return inSession(id, exchange, reply, web, parsed);
      if ([parsed].flat().some((message) => isInitializeRequest(message))) return begin(exchange, web, parsed);
      // Whoever has no use for a session, or lost theirs on the way, is answered all the same.
      return request.method === "POST" ? undefined : beginWithPost(parsed);
    },
    changed() {
      for (const session of sessions.values()) session.tellChanged();
    },
    sweep(now) {
      for (const [id, session] of sessions) if (isUnused(session, idle, now)) void end(id);
    },
    close: async () => void (await Promise.all([...sessions.keys()].map(end))),
  };

  async function inSession(
    id: string,
    exchange: Exchange,
    reply: FastifyReply,
    web: Request,
    parsed: Parsed,
  ): Promise<Response> {
    const session = sessions.get(id);
    // Another caller's session is like one that never was.
    if (!session || session.caller !== exchange.caller.id || session.only !== exchange.only) return noSession(parsed);
    hold(session, reply);
    session.following.follow(exchange);
    if (web.method === "GET") listens(session, reply);
    if (session.streams > 0) void session.connections.follow(overNetwork(exchange));
    return session.transport.handleRequest(web, { parsedBody: parsed });
  }

  /** As long as the client listens, so does the gateway to its servers. */
  function listens(session: Session, reply: FastifyReply): void {
    session.streams++;
    reply.raw.once("close", () => {
      session.streams--;
      if (session.streams === 0) void session.connections.follow([]);
    });
  }

  async function begin(exchange: Exchange, web: Request, parsed: Parsed): Promise<Response> {
    const holder = holderOf(exchange.caller);
    const room = toEnd(sessions, holder, most);
    if (room !== undefined) await end(room);
    await gateway().hosts.announce();
    const asked = openAskedUris();
    const hear = notifier(asked, (told) => server.notification(told as never));
    const connections = sharedConnections(gateway(), exchange.caller, hear);
    const followed = following(exchange, (now) => sources(now, connections));
    const server = federatedServer(followed.sources, { asked });
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => `${gateway().hosts.own}.${randomUUID()}`,
      onsessioninitialized: (id) => {
        sessions.set(id, {
          ...{ caller: exchange.caller.id, only: exchange.only, transport, connections, following: followed },
          ...{ holder, open: 0, used: Date.now(), streams: 0 },
          tellChanged: () => listChanges.forEach((method) => void server.notification({ method }).catch(() => {})),
        });
      },
      onsessionclosed: end,
    });
    await server.connect(transport as never);
    return transport.handleRequest(web, { parsedBody: parsed });
  }

  async function end(id: string): Promise<void> {
    const session = sessions.get(id);
    sessions.delete(id);
    await session?.transport.close().catch(() => {});
    await session?.connections.close();
  }
}
