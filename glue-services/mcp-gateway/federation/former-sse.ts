import { SSEServerTransport } from "@modelcontextprotocol/sdk/server/sse.js";
import type { FastifyReply, FastifyRequest } from "fastify";
import { ApiError } from "../../kit/index.ts";
import { holderOf } from "../access/caller.ts";
import type { Gateway } from "../gateway.ts";
import { parseBody } from "../pass/message.ts";
import { notifier, type SharedConnections, sharedConnections } from "./connections.ts";
import { openAskedUris } from "./exposed-uri.ts";
import { type Following, following } from "./following.ts";
import { type Kept, toEnd } from "./kept.ts";
import { federatedServer } from "./server.ts";
import { type Exchange, overNetwork } from "./sources.ts";

/** The transport before 2025 had one address: a stream of events, and messages to an address that it names. */
export interface FormerSse {
  stream(exchange: Exchange, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply>;
  /** @throws ApiError INVALID for a body that is no message, NOT_FOUND for a session of another caller or of nobody */
  message(exchange: Exchange, session: string, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply>;
  close(): Promise<void>;
}

interface Stream extends Kept {
  caller: string;
  transport: SSEServerTransport;
  following: Following;
  connections: SharedConnections;
  end(): Promise<void>;
}

const most = { ofHolder: 64, all: 2000 };

export function openFormerSse(gateway: () => Gateway): FormerSse {
  const streams = new Map<string, Stream>();
  return {
    async stream(exchange, request, reply) {
      const holder = holderOf(exchange.caller);
      const room = toEnd(streams, holder, most);
      if (room !== undefined) await streams.get(room)?.end();
      const path = (request.url.split("?", 1)[0] ?? "").replace(/\/sse$/, "/messages");
      await gateway().hosts.announce();
      reply.hijack();
      const asked = openAskedUris();
      const notify = notifier(asked, (told) => server.notification(told as never));
      const connections = sharedConnections(gateway(), exchange.caller, notify);
      const followed = following(exchange, (now) => gateway().federation.sources(now, connections));
      const server = federatedServer(followed.sources, { asked });
      const transport = new SSEServerTransport(`${path}?host=${gateway().hosts.own}`, reply.raw);
      const end = async () => {
        streams.delete(transport.sessionId);
        await server.close().catch(() => {});
        await connections.close();
      };
      streams.set(transport.sessionId, {
        ...{
          holder,
          open: 0,
          used: Date.now(),
          caller: exchange.caller.id,
          transport,
          connections,
          following: followed,
          end,
        },
      });
      reply.raw.once("close", () => void end());
      await server.connect(transport as never);
      // It is a stream itself: whoever has one listens.
      void connections.follow(overNetwork(exchange));
      return reply;
    },
    async message(exchange, session, request, reply) {
      const message = parseBody(request.body);
      const { host = "" } = request.query as { host?: string };
      const answered = await gateway().hosts.forward(String(host), exchange.caller, request, reply);
      if (answered) return answered;
      const known = streams.get(session);
      if (known?.caller !== exchange.caller.id) throw new ApiError("NOT_FOUND", "There is no such session.");
      known.used = Date.now();
      known.following.follow(exchange);
      void known.connections.follow(overNetwork(exchange));
      reply.hijack();
      await known.transport.handlePostMessage(request.raw as never, reply.raw, message);
      return reply;
    },
    close: async () => void (await Promise.all([...streams.values()].map(({ end }) => end()))),
  };
}
