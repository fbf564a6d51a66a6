import type { Caller } from "../access/caller.ts";
import type { Gateway } from "../gateway.ts";
import { keyOf, type McpServer } from "../servers.ts";
import type { AskedUris } from "./exposed-uri.ts";
import { type Links, openLinks } from "./links.ts";
import { freed, release, startProgram, touch } from "./programs.ts";
import { type Params, SessionGone, Unreachable } from "./source.ts";
import { connect, type Upstream } from "./upstream.ts";

/** A caller's connections to servers. */
export interface Connections {
  use<Done>(server: McpServer, work: (upstream: Upstream) => Promise<Done>): Promise<Done>;
  close(): Promise<void>;
}

/** What is said when lists of a server change. */
export const listChanges = [
  "notifications/tools/list_changed",
  "notifications/prompts/list_changed",
  "notifications/resources/list_changed",
] as const;

export type Hear = (server: McpServer, method: string, params: Params) => void;

/** Passes on what servers say by themselves; of resources under the addresses that were asked for. */
export function notifier(asked: AskedUris, tell: (told: { method: string; params: Params }) => Promise<void>): Hear {
  return ({ name }, method, params) => {
    if (!method.startsWith("notifications/")) return;
    const uris = method === "notifications/resources/updated" ? asked.of(name, String(params.uri)) : [undefined];
    for (const uri of uris)
      void tell({ method, params: uri === undefined ? params : { ...params, uri } }).catch(() => {});
  };
}

/** Milliseconds a connection is kept that nobody uses. */
const idle = 60_000;

/** Connections that hear what servers say by themselves, for as long as somebody listens. */
export interface SharedConnections extends Connections, Omit<Links, "close"> {}

/**
 * One to each server, for all that a session asks: servers keep what they know of it.
 *
 * @param hear is told what servers say by themselves, and that lists and resources changed when that may have been missed
 */
export function sharedConnections(gateway: Gateway, caller: Caller, hear: Hear): SharedConnections {
  const open = new Map<string, Promise<Upstream>>();
  let closed = false;
  const links = openLinks({
    use: (server, work) => use(server, work),
    missed(server, uris) {
      for (const method of listChanges) hear(server, method, {});
      for (const uri of uris) hear(server, "notifications/resources/updated", { uri });
    },
  });
  return {
    ...links,
    use,
    async close() {
      closed = true;
      links.close();
      const all = await Promise.allSettled(open.values());
      open.clear();
      await Promise.all(all.map((one) => one.status === "fulfilled" && one.value.close()));
    },
  };

  function use<Done>(server: McpServer, work: (upstream: Upstream) => Promise<Done>): Promise<Done> {
    return onceMore(() => useOnce(server, work));
  }

  async function useOnce<Done>(server: McpServer, work: (upstream: Upstream) => Promise<Done>): Promise<Done> {
    const upstream = await connected(server);
    touch(caller, upstream);
    try {
      const working = work(upstream);
      upstream.leased = false;
      return await working;
    } finally {
      if (upstream.calls.length === 0) release(caller);
    }
  }

  /** Requests that find the former connection dead at the same time share the next one. */
  async function connected(server: McpServer): Promise<Upstream> {
    const key = keyOf(server);
    for (;;) {
      if (closed) throw new Unreachable("The session has ended.");
      const known = open.get(key) ?? begin(key, server);
      const upstream = await known;
      if (!upstream.gone) return upstream;
      if (open.get(key) === known) open.delete(key);
    }
  }

  function begin(key: string, server: McpServer): Promise<Upstream> {
    const begun = start(gateway, caller, server, "legacy", hear);
    open.set(key, begun);
    begun.catch(() => {
      if (open.get(key) === begun) open.delete(key);
    });
    return begun;
  }
}

/** One for each request at a time, used again by the caller's next: requests that stand alone, of a caller without a session. */
export function leasedConnections(gateway: Gateway, caller: Caller, hear: Hear): Connections {
  const free = new Map<string, Upstream[]>();
  const all = new Set<Upstream>();
  const timers = new Map<Upstream, NodeJS.Timeout>();
  let closed = false;
  return {
    use: (server, work) => onceMore(() => useOnce(server, work)),
    async close() {
      closed = true;
      for (const timer of timers.values()) clearTimeout(timer);
      await Promise.all([...all].map((one) => one.close()));
      all.clear();
      free.clear();
    },
  };

  async function useOnce<Done>(server: McpServer, work: (upstream: Upstream) => Promise<Done>): Promise<Done> {
    const key = keyOf(server);
    const upstream = await start(gateway, caller, server, "modern", hear, () => take(key));
    if (closed) {
      await upstream.close();
      throw new Unreachable("The connection has ended.");
    }
    all.add(upstream);
    upstream.leased = true;
    touch(caller, upstream);
    try {
      return await work(upstream);
    } finally {
      upstream.leased = false;
      give(key, upstream);
      release(caller);
    }
  }

  function take(key: string): Upstream | undefined {
    const waiting = free.get(key) ?? [];
    for (let one = waiting.pop(); one; one = waiting.pop()) {
      clearTimeout(timers.get(one));
      timers.delete(one);
      if (!one.gone) {
        one.leased = true;
        return one;
      }
      all.delete(one);
    }
    return undefined;
  }

  function give(key: string, upstream: Upstream): void {
    if (upstream.gone || closed) return void all.delete(upstream);
    free.set(key, [...(free.get(key) ?? []), upstream]);
    const timer = setTimeout(() => {
      timers.delete(upstream);
      free.set(
        key,
        (free.get(key) ?? []).filter((one) => one !== upstream),
      );
      all.delete(upstream);
      void upstream.close();
    }, idle);
    timers.set(upstream, timer.unref());
  }
}

/** A server that forgot the session did nothing: it is asked again, in a new one. */
async function onceMore<Done>(work: () => Promise<Done>): Promise<Done> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SessionGone)) throw error;
    return work();
  }
}

/**
 * A new connection, or one that `reuse` gives. Programs are limited: a call waits for one where all have something to do.
 *
 * @throws Unreachable
 */
async function start(
  gateway: Gateway,
  caller: Caller,
  server: McpServer,
  era: "legacy" | "modern",
  hear: Hear,
  reuse: () => Upstream | undefined = () => undefined,
): Promise<Upstream> {
  const begin = () => connect(gateway, caller, server, era, (...told) => hear(server, ...told));
  const since = performance.now();
  for (;;) {
    const upstream = reuse() ?? (server.transport === "stdio" ? await startProgram(caller, begin) : await begin());
    if (upstream) return upstream;
    await freed(caller, server.name, since);
  }
}
