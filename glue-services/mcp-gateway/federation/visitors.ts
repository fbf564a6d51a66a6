import { createMcpHandler, type McpHttpHandler } from "@modelcontextprotocol/server";
import type { FastifyReply } from "fastify";
import { holderOf } from "../access/caller.ts";
import type { Gateway } from "../gateway.ts";
import type { Message } from "../pass/message.ts";
import { type Connections, leasedConnections, type SharedConnections, sharedConnections } from "./connections.ts";
import { type AskedUris, openAskedUris } from "./exposed-uri.ts";
import { hold, isUnused, type Kept, toEnd } from "./kept.ts";
import { namesOf } from "./names.ts";
import { openParking, type Parking } from "./parking.ts";
import { federatedServer } from "./server.ts";
import type { Call, Params, Source } from "./source.ts";
import { type Exchange, overNetwork } from "./sources.ts";
import type { Parsed } from "./web.ts";

/** Callers whose requests stand alone, as all of MCP 2026-07-28 do and older ones without a session. */
export interface Visitors {
  answer(exchange: Exchange, reply: FastifyReply, web: Request, parsed: Parsed): Promise<Response>;
  /** A server said something to one of the caller's connections, at this host or another. */
  heard(caller: string, server: string, method: string, params: Params): void;
  changed(): void;
  sweep(now: number): void;
  close(): Promise<void>;
}

interface Visitor extends Kept {
  caller: string;
  only: string | undefined;
  handler: McpHttpHandler;
  connections: Connections;
  parking: Parking;
  asked: AskedUris;
  /** Streams that it listens on, and what is kept for them; without any, nothing is. */
  streams: number;
  watch: SharedConnections | undefined;
  /** Its latest stream's. */
  exchange: Exchange;
}

export interface VisitorsOptions {
  sources(exchange: Exchange, connections: Connections): Source[];
  /** Tells the other hosts what a server said to one of the caller's connections here. */
  tell(caller: string, server: string, method: string, params: Params): void;
}

/** Milliseconds without a request after which what is kept for a caller ends. */
const idle = 5 * 60_000;
const most = { ofHolder: 64, all: 2000 };
/** Milliseconds that a stream waits for its servers to be listened to before it begins all the same. */
const listenWithin = 5000;

/** @param gateway is complete only after this returns */
export function openVisitors(gateway: () => Gateway, { sources, tell }: VisitorsOptions): Visitors {
  const visitors = new Map<string, Visitor>();
  const all: Visitors = {
    async answer(exchange, reply, web, parsed) {
      await gateway().hosts.announce();
      const visitor = visitorOf(exchange);
      hold(visitor, reply);
      const wanted = listensTo([parsed].flat()[0]);
      if (wanted) await listens(visitor, exchange, wanted, reply);
      return visitor.handler.fetch(web, { parsedBody: parsed, authInfo: authInfo(exchange) });
    },
    heard(caller, server, method, params) {
      for (const visitor of visitors.values()) {
        const concerns = visitor.only === undefined || visitor.only === server;
        if (visitor.caller === caller && concerns) notify(visitor, server, method, params);
      }
    },
    changed() {
      for (const visitor of visitors.values()) {
        for (const method of Object.keys(events)) notify(visitor, "", method, {});
        if (visitor.watch) void follow(visitor).catch(() => {});
      }
    },
    sweep(now) {
      for (const [key, visitor] of visitors) {
        if (isUnused(visitor, idle, now) && visitor.parking.size() === 0) void dismiss(key);
      }
    },
    close: async () => void (await Promise.all([...visitors.keys()].map(dismiss))),
  };
  return all;

  function visitorOf(exchange: Exchange): Visitor {
    const { caller, only } = exchange;
    const key = `${caller.id} ${only ?? ""}`;
    const known = visitors.get(key);
    if (known) return known;
    const holder = holderOf(caller);
    const room = toEnd(visitors, holder, most);
    if (room !== undefined) void dismiss(room);
    const parking = openParking(gateway().hosts.own);
    const connections = leasedConnections(gateway(), caller, ({ name }, method, params) => {
      if (!(method in events) && method !== updated) return;
      all.heard(caller.id, name, method, params);
      tell(caller.id, name, method, params);
    });
    const handler = createMcpHandler(
      ({ authInfo }) => {
        const own = sources(authInfo?.extra?.exchange as Exchange, connections);
        return federatedServer(() => own, { parking });
      },
      { legacy: "stateless", maxSubscriptions: 32 },
    );
    const visitor: Visitor = {
      ...{ caller: caller.id, only, handler, connections, parking, asked: openAskedUris() },
      ...{ holder, open: 0, used: Date.now(), streams: 0, watch: undefined, exchange },
    };
    visitors.set(key, visitor);
    return visitor;
  }

  /** As long as a stream is open, the gateway listens to the servers that it is about. */
  async function listens(visitor: Visitor, exchange: Exchange, uris: string[], reply: FastifyReply): Promise<void> {
    visitor.streams++;
    visitor.exchange = exchange;
    visitor.watch ??= sharedConnections(gateway(), exchange.caller, ({ name }, method, params) =>
      notify(visitor, name, method, params),
    );
    const { watch } = visitor;
    const subscribed: (() => void)[] = [];
    let open = true;
    reply.raw.once("close", () => {
      open = false;
      visitor.streams--;
      for (const end of subscribed) end();
      if (visitor.streams > 0) return;
      visitor.watch = undefined;
      void watch.close();
    });
    const begun = [
      watch.follow(overNetwork(exchange)),
      ...uris.map(async (asked) => {
        const end = await subscribe(visitor, watch, exchange, asked);
        if (open) subscribed.push(end);
        else end();
      }),
    ];
    await Promise.race([
      Promise.allSettled(begun),
      new Promise((resolve) => setTimeout(resolve, listenWithin).unref()),
    ]);
  }

  /** @throws when no server has it, or its server cannot be subscribed to */
  async function subscribe(
    visitor: Visitor,
    watch: SharedConnections,
    exchange: Exchange,
    asked: string,
  ): Promise<() => void> {
    const { source, uri } = await namesOf(sources(exchange, visitor.connections)).ownerOf(asked, quietly);
    const server = exchange.organisation.servers.find(({ name }) => name === source.name);
    if (!server) return () => {};
    visitor.asked.add(source.name, uri, asked);
    await watch.subscribe(server, uri);
    return () => {
      visitor.asked.remove(source.name, uri, asked);
      if (!visitor.asked.has(source.name, uri)) void watch.unsubscribe(server, uri).catch(() => {});
    };
  }

  /** Servers came or went: those that are there now are listened to. */
  async function follow(visitor: Visitor): Promise<void> {
    const organisation = await gateway().registry.of(visitor.exchange.caller);
    visitor.exchange = { ...visitor.exchange, organisation };
    await visitor.watch?.follow(overNetwork(visitor.exchange));
  }

  async function dismiss(key: string): Promise<void> {
    const visitor = visitors.get(key);
    visitors.delete(key);
    visitor?.parking.close();
    await visitor?.handler.close().catch(() => {});
    await visitor?.watch?.close();
    await visitor?.connections.close();
  }
}

const updated = "notifications/resources/updated";
const events: Record<string, "toolsChanged" | "promptsChanged" | "resourcesChanged"> = {
  "notifications/tools/list_changed": "toolsChanged",
  "notifications/prompts/list_changed": "promptsChanged",
  "notifications/resources/list_changed": "resourcesChanged",
};

/** To each of its streams that asked for this. */
function notify({ handler, asked }: Visitor, server: string, method: string, params: Params): void {
  const event = events[method];
  if (event) handler.notify[event]();
  if (method === updated) for (const uri of asked.of(server, String(params.uri))) handler.notify.resourceUpdated(uri);
}

/** The resources that a stream is to be about; undefined when the message opens none. */
function listensTo(message: Message | undefined): string[] | undefined {
  if (message?.method !== "subscriptions/listen") return undefined;
  const { notifications } = (message.params ?? {}) as { notifications?: { resourceSubscriptions?: unknown } };
  const uris = notifications?.resourceSubscriptions;
  return Array.isArray(uris) ? uris.filter((uri) => typeof uri === "string").slice(0, mostUris) : [];
}

/** Resources that one stream may be about. */
const mostUris = 100;

/** Nobody is there to be told of how a resource's server was found, or to be asked anything. */
const quietly: Call = {
  signal: new AbortController().signal,
  tell() {},
  ask: () => Promise.reject(new Error("Nobody is there to answer it.")),
};

function authInfo(exchange: Exchange) {
  const { caller } = exchange;
  return { token: "", clientId: caller.id, scopes: [...caller.scopes], extra: { exchange } };
}
