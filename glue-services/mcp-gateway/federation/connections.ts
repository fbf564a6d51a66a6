import type { Caller } from "../access/caller.ts";
import type { Gateway } from "../gateway.ts";
import type { McpServer } from "../servers.ts";
import { type Params, Unreachable } from "./source.ts";
import { connect, type Upstream } from "./upstream.ts";

/** A caller's connections to servers. */
export interface Connections {
  use<Done>(server: McpServer, work: (upstream: Upstream) => Promise<Done>): Promise<Done>;
  close(): Promise<void>;
}

export type Hear = (server: McpServer, method: string, params: Params) => void;

/** Children that run at most, of one caller and of all. */
const limits = { caller: 12, host: 100 };
/** Milliseconds a connection is kept that nobody uses. */
const idle = 60_000;

/** Programs that run, of each caller, the longest unused first. */
const children = new Map<string, Set<Upstream>>();
/** Programs of a caller that are being started. */
const starting = new Map<string, number>();

/** One to each server, for all that a session asks: servers keep what they know of it. */
export function sharedConnections(gateway: Gateway, caller: Caller, hear: Hear): Connections {
  const open = new Map<string, Promise<Upstream>>();
  return {
    async use(server, work) {
      const key = keyOf(server);
      let known = open.get(key);
      if (known && (await known.catch(() => undefined))?.gone !== false) known = undefined;
      if (!known) {
        known = counted(gateway, caller, server, "legacy", hear);
        open.set(key, known);
        known.catch(() => open.delete(key));
      }
      const upstream = await known;
      touch(caller.id, upstream);
      return work(upstream);
    },
    async close() {
      const all = await Promise.allSettled(open.values());
      open.clear();
      await Promise.all(all.map((one) => one.status === "fulfilled" && one.value.close()));
    },
  };
}

/** One for each request at a time, used again by the caller's next: requests that stand alone, of a caller without a session. */
export function leasedConnections(gateway: Gateway, caller: Caller, hear: Hear): Connections {
  const free = new Map<string, Upstream[]>();
  const all = new Set<Upstream>();
  const timers = new Map<Upstream, NodeJS.Timeout>();
  return {
    async use(server, work) {
      const key = keyOf(server);
      const upstream = take(key) ?? (await counted(gateway, caller, server, "modern", hear));
      all.add(upstream);
      touch(caller.id, upstream);
      try {
        return await work(upstream);
      } finally {
        give(key, upstream);
      }
    },
    async close() {
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
      if (!one.gone) return one;
      all.delete(one);
    }
    return undefined;
  }

  function give(key: string, upstream: Upstream): void {
    if (upstream.gone) return void all.delete(upstream);
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

/** @throws Unreachable when too many children run already, each with something to do */
async function counted(
  gateway: Gateway,
  caller: Caller,
  server: McpServer,
  era: "legacy" | "modern",
  hear: Hear,
): Promise<Upstream> {
  if (server.transport !== "stdio") return connect(gateway, caller, server, era, (...told) => hear(server, ...told));
  const own = children.get(caller.id) ?? new Set();
  children.set(caller.id, own);
  makeRoom(caller.id, server.name, own);
  starting.set(caller.id, (starting.get(caller.id) ?? 0) + 1);
  let upstream: Upstream;
  try {
    upstream = await connect(gateway, caller, server, era, (...told) => hear(server, ...told));
  } finally {
    const left = (starting.get(caller.id) ?? 1) - 1;
    if (left > 0) starting.set(caller.id, left);
    else starting.delete(caller.id);
  }
  if (!upstream.gone) own.add(upstream);
  const { onclose } = upstream.client;
  upstream.client.onclose = () => {
    onclose?.();
    own.delete(upstream);
    if (own.size === 0 && !starting.has(caller.id)) children.delete(caller.id);
  };
  return upstream;
}

/**
 * Ends the caller's longest unused program when they have as many as they may: clients that crash leave theirs behind, and
 * must not shut out those that come after. What it served starts anew when it is needed.
 */
function makeRoom(caller: string, name: string, own: Set<Upstream>): void {
  const mine = own.size + (starting.get(caller) ?? 0);
  const sizes = [...children.values()].map(({ size }) => size);
  const total = [...sizes, ...starting.values()].reduce((sum, one) => sum + one, 0);
  if (mine < limits.caller && total < limits.host) return;
  const unused = [...own].find(({ calls }) => calls.length === 0);
  if (!unused) {
    throw new Unreachable(`${name} is not started: ${mine} programs run for you and ${total} in all already.`);
  }
  own.delete(unused);
  void unused.close();
}

/** It was used just now: others of its caller end before it. */
function touch(caller: string, upstream: Upstream): void {
  const own = children.get(caller);
  if (own?.delete(upstream)) own.add(upstream);
}

function keyOf({ id, version }: McpServer): string {
  return `${id} ${version}`;
}
