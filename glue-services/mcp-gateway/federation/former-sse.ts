import { SSEServerTransport } from "@modelcontextprotocol/sdk/server/sse.js";
import type { FastifyReply, FastifyRequest } from "fastify";
import { ApiError } from "../../kit/index.ts";
import type { Gateway } from "../gateway.ts";
import { parseBody } from "../pass/message.ts";
import { sharedConnections } from "./connections.ts";
import { type Following, following } from "./following.ts";
import { federatedServer } from "./server.ts";
import type { Exchange } from "./sources.ts";

/** The transport before 2025 had one address: a stream of events, and messages to an address that it names. */
export interface FormerSse {
  stream(exchange: Exchange, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply>;
  /** @throws ApiError INVALID for a body that is no message, NOT_FOUND for a session of another caller or of nobody */
  message(exchange: Exchange, session: string, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply>;
  close(): Promise<void>;
}

const most = 500;

export function openFormerSse(gateway: () => Gateway): FormerSse {
  const sessions = new Map<
    string,
    { caller: string; transport: SSEServerTransport; following: Following; end(): Promise<void> }
  >();
  return {
    async stream(exchange, request, reply) {
      if (sessions.size >= most) throw new ApiError("UNAVAILABLE", "Too many such streams are open.", { docs: "mcp" });
      const path = (request.url.split("?", 1)[0] ?? "").replace(/\/sse$/, "/messages");
      reply.hijack();
      const connections = sharedConnections(gateway(), exchange.caller, (_server, method, params) => {
        void server.notification({ method, params } as never).catch(() => {});
      });
      const followed = following(exchange, (now) => gateway().federation.sources(now, connections));
      const server = federatedServer(followed.sources, undefined);
      const transport = new SSEServerTransport(path, reply.raw);
      const end = async () => {
        sessions.delete(transport.sessionId);
        await server.close().catch(() => {});
        await connections.close();
      };
      sessions.set(transport.sessionId, { caller: exchange.caller.id, transport, following: followed, end });
      reply.raw.once("close", () => void end());
      await server.connect(transport as never);
      return reply;
    },
    async message(exchange, session, request, reply) {
      const message = parseBody(request.body);
      const known = sessions.get(session);
      if (known?.caller !== exchange.caller.id) throw new ApiError("NOT_FOUND", "There is no such session.");
      known.following.follow(exchange);
      reply.hijack();
      await known.transport.handlePostMessage(request.raw as never, reply.raw, message);
      return reply;
    },
    close: async () => void (await Promise.all([...sessions.values()].map(({ end }) => end()))),
  };
}
