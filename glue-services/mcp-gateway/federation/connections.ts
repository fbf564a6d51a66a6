import type { Caller } from "../access/caller.ts";
import type { Gateway } from "../gateway.ts";
import { keyOf, type McpServer } from "../servers.ts";
import { freed, release, startProgram, touch } from "./programs.ts";
import { type Params, Unreachable } from "./source.ts";
import { connect, type Upstream } from "./upstream.ts";

/** A caller's connections to servers. */
export interface Connections {
  use<Done>(server: McpServer, work: (upstream: Upstream) => Promise<Done>): Promise<Done>;
  close(): Promise<void>;
}

export type Hear = (server: McpServer, method: string, params: Params) => void;

/** Milliseconds a connection is kept that nobody uses. */
const idle = 60_000;

/** One to each server, for all that a session asks: servers keep what they know of it. */
export function sharedConnections(gateway: Gateway, caller: Caller, hear: Hear): Connections {
  const open = new Map<string, Promise<Upstream>>();
  let closed = false;
  return {
    async use(server, work) {
      const upstream = await connected(server);
      touch(caller, upstream);
      try {
        const working = work(upstream);
        upstream.leased = false;
        return await working;
      } finally {
        if (upstream.calls.length === 0) release(caller);
      }
    },
    async close() {
      closed = true;
      const all = await Promise.allSettled(open.values());
      open.clear();
      await Promise.all(all.map((one) => one.status === "fulfilled" && one.value.close()));
    },
  };

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
    async use(server, work) {
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
    },
    async close() {
      closed = true;
      for (const timer of timers.values()) clearTimeout(timer);
      await Promise.all([...all].map((one) => one.close()));
      all.clear();
      free.clear();
    },
  };

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
