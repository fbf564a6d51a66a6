import { isLegacyRequest } from "@modelcontextprotocol/server";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Gateway } from "../gateway.ts";
import { parseBody } from "../pass/message.ts";
import type { Connections } from "./connections.ts";
import { prefixOf } from "./exposed-name.ts";
import type { Told } from "./news.ts";
import { ownSource } from "./own.ts";
import { parkedAt } from "./parking.ts";
import { openSessions } from "./sessions.ts";
import type { Source } from "./source.ts";
import { type Exchange, governed, upstreamSource } from "./sources.ts";
import { openVisitors } from "./visitors.ts";
import { type Parsed, send, toWeb } from "./web.ts";

/** Servers and the platform's own tools as one server, and servers that do not speak HTTP. */
export interface Federation {
  /** Name of the platform's own tools, as a server. */
  ownName: string;
  serve(exchange: Exchange, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply>;
  /** The sources of an exchange, for a client within the gateway. */
  sources(exchange: Exchange, connections: Connections): Source[];
  /** Servers or rules changed: clients are told that lists did. */
  changed(): void;
  /** A server said something to a caller at another host. */
  heard(told: Told): void;
  close(): Promise<void>;
}

const ownName = "devflow";
/** Milliseconds between two looks for what nobody uses any more. */
const sweepEvery = 15_000;

/** @param gateway is complete only after this returns */
export function openFederation(gateway: () => Gateway): Federation {
  const sessions = openSessions(gateway, sources);
  const visitors = openVisitors(gateway, { sources, tell: (...told) => gateway().news.tell(...told) });
  const sweeping = setInterval(() => {
    sessions.sweep(Date.now());
    visitors.sweep(Date.now());
  }, sweepEvery);
  sweeping.unref();

  return {
    ownName,
    sources,
    async serve(exchange, request, reply) {
      const parsed = request.method === "POST" ? parseBody(request.body) : undefined;
      const owner = ownerOf(request, parsed);
      const answered = owner && (await gateway().hosts.forward(owner, exchange.caller, request, reply));
      if (answered) return answered;
      const web = toWeb(gateway().publicUrl, request, reply);
      const former = await isLegacyRequest(web, parsed);
      const inSession = former ? await sessions.answer(exchange, request, reply, web, parsed) : undefined;
      return send(inSession ?? (await visitors.answer(exchange, reply, web, parsed)), reply);
    },
    changed() {
      sessions.changed();
      visitors.changed();
    },
    heard: ({ caller, server, method, uri }) => visitors.heard(caller, server, method, { uri }),
    async close() {
      clearInterval(sweeping);
      await Promise.all([sessions.close(), visitors.close()]);
    },
  };

  function sources(exchange: Exchange, connections: Connections): Source[] {
    const { caller, organisation, only } = exchange;
    const own = only === undefined || only === ownName ? [ownSource(gateway().app, caller, ownName)] : [];
    const servers = organisation.servers.filter(({ name }) => only === undefined || name === only);
    const others = servers.map((server) =>
      upstreamSource(gateway(), caller, server, connections, only === undefined ? prefixOf(server.name) : ""),
    );
    return [...own, ...others].map((source) => governed(gateway(), exchange, source));
  }
}

/** The host that keeps the session or the open question which a request is about. */
function ownerOf({ headers }: FastifyRequest, parsed: Parsed): string | undefined {
  const session = headers["mcp-session-id"];
  if (typeof session === "string") return session.split(".")[0];
  const [message] = [parsed].flat() as { params?: { requestState?: unknown } }[];
  return parkedAt(message?.params?.requestState);
}
