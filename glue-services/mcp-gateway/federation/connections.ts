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

const children = new Map<string, number>();

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
      return work(await known);
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

/** @throws Unreachable when too many children run already */
async function counted(
  gateway: Gateway,
  caller: Caller,
  server: McpServer,
  era: "legacy" | "modern",
  hear: Hear,
): Promise<Upstream> {
  if (server.transport !== "stdio") return connect(gateway, caller, server, era, (...told) => hear(server, ...told));
  const total = [...children.values()].reduce((sum, one) => sum + one, 0);
  const own = children.get(caller.id) ?? 0;
  if (own >= limits.caller || total >= limits.host) {
    throw new Unreachable(`${server.name} is not started: ${own} programs run for you and ${total} in all already.`);
  }
  children.set(caller.id, own + 1);
  let over = false;
  const release = () => {
    if (over) return;
    over = true;
    const left = (children.get(caller.id) ?? 1) - 1;
    if (left > 0) children.set(caller.id, left);
    else children.delete(caller.id);
  };
  try {
    const upstream = await connect(gateway, caller, server, era, (...told) => hear(server, ...told));
    const { onclose } = upstream.client;
    upstream.client.onclose = () => {
      onclose?.();
      release();
    };
    return upstream;
  } catch (error) {
    release();
    throw error;
  }
}

function keyOf({ id, version }: McpServer): string {
  return `${id} ${version}`;
}
