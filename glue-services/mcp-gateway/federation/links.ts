import { keyOf, type McpServer } from "../servers.ts";
import { begun, type LinkEvent, type LinkState, step } from "./link-state.ts";
import { Unreachable } from "./source.ts";
import type { Upstream } from "./upstream.ts";

/** Connections that are kept to hear what servers say by themselves, one to each server that is followed. */
export interface Links {
  /** Follow the lists of exactly these, and of those with subscriptions. Resolves when each was tried. */
  follow(servers: readonly McpServer[]): Promise<void>;
  /** Follow a resource too. @throws as the server answers, or Unreachable */
  subscribe(server: McpServer, uri: string): Promise<void>;
  unsubscribe(server: McpServer, uri: string): Promise<void>;
  close(): void;
}

export interface LinksOptions {
  /** Gives the connection to a server, a new one when the former is gone. @throws Unreachable */
  use(server: McpServer, work: (upstream: Upstream) => Promise<void>): Promise<void>;
  /** The connection was lost meanwhile: lists, and these resources, may have changed. */
  missed(server: McpServer, uris: readonly string[]): void;
}

interface Link {
  server: McpServer;
  uris: Set<string>;
  /** Its lists are followed, not only its resources. */
  lists: boolean;
  state: LinkState;
  timer: NodeJS.Timeout | undefined;
  /** Resolves when it was connected, or could not be, for the first time. */
  tried: Promise<void>;
  /** The connection that is open. */
  upstream: Upstream | undefined;
}

/** Milliseconds between two looks at a connection on which nothing was said to be wrong. */
const checkEvery = 5 * 60_000;

export function openLinks({ use, missed }: LinksOptions): Links {
  const all = new Map<string, Link>();
  return {
    async follow(servers) {
      const wanted = new Set(servers.map(keyOf));
      for (const link of all.values()) link.lists = wanted.has(keyOf(link.server));
      const links = servers.map(linkOf);
      for (const link of links) link.lists = true;
      drop();
      await Promise.all(links.map(({ tried }) => tried));
    },
    async subscribe(server, uri) {
      const { uris } = linkOf(server);
      uris.add(uri);
      try {
        await use(server, (upstream) => upstream.follow([...uris]));
      } catch (error) {
        uris.delete(uri);
        drop();
        throw error;
      }
    },
    async unsubscribe(server, uri) {
      const link = all.get(keyOf(server));
      if (!link?.uris.delete(uri)) return;
      await use(server, (upstream) => upstream.follow([...link.uris]));
      drop();
    },
    close() {
      for (const link of all.values()) apply(link, "closed");
      all.clear();
    },
  };

  function linkOf(server: McpServer): Link {
    const key = keyOf(server);
    const known = all.get(key);
    if (known) return known;
    // What was subscribed to of its former version is of this one too.
    const former = [...all.values()].find((one) => one.server.id === server.id);
    const link: Link = {
      ...{ server, uris: new Set(former?.uris), lists: false, state: begun },
      ...{ timer: undefined, tried: Promise.resolve(), upstream: undefined },
    };
    former?.uris.clear();
    all.set(key, link);
    link.tried = connect(link);
    return link;
  }

  /** Ends those that nobody needs. */
  function drop(): void {
    for (const [key, link] of all) {
      if (link.lists || link.uris.size > 0) continue;
      all.delete(key);
      apply(link, "closed");
    }
  }

  function apply(link: Link, event: LinkEvent): void {
    const [state, effects] = step(link.state, event);
    link.state = state;
    if (state.is !== "open") link.upstream = undefined;
    if (state.is === "closed") clearTimeout(link.timer);
    for (const effect of effects) {
      if (effect.is === "connect") void connect(link);
      // Those who lost the same server do not come back to it at the same moment.
      else if (effect.is === "wait") later(link, effect.ms * (0.75 + Math.random() / 2), () => apply(link, "due"));
      else missed(link.server, [...link.uris]);
    }
  }

  async function connect(link: Link): Promise<void> {
    try {
      await use(link.server, async (upstream) => {
        // A resource that is not there any more does not keep others from being heard of.
        await upstream.follow([...link.uris]).catch((error: unknown) => {
          if (error instanceof Unreachable) throw error;
        });
        link.upstream = upstream;
      });
    } catch {
      return apply(link, "failed");
    }
    const { upstream } = link;
    apply(link, "connected");
    if (!upstream || link.state.is !== "open") return;
    link.upstream = upstream;
    upstream.onDoubt = () => void check(link, upstream);
    void upstream.ended.then(() => lost(link, upstream));
    later(link, checkEvery, () => void check(link, upstream));
  }

  /** Whether it still answers. */
  async function check(link: Link, upstream: Upstream): Promise<void> {
    if (link.upstream !== upstream) return;
    try {
      await upstream.check();
      if (link.upstream === upstream) later(link, checkEvery, () => void check(link, upstream));
    } catch {
      lost(link, upstream);
    }
  }

  function lost(link: Link, upstream: Upstream): void {
    if (link.upstream === upstream) apply(link, "lost");
  }

  function later(link: Link, ms: number, work: () => void): void {
    clearTimeout(link.timer);
    link.timer = setTimeout(work, ms).unref();
  }
}
