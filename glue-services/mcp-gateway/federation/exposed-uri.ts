import type { Listed } from "./lists.ts";
import type { Params } from "./source.ts";

/** An address that says which server it is of: `devflow+notes:file:///readme.md` is `file:///readme.md` of `notes`. */
const qualified = /^devflow\+([a-z][a-z0-9-]{0,30}):(.+)$/s;

export function qualifiedUri(server: string, uri: string): string {
  return `devflow+${server}:${uri}`;
}

/** The server and its own address, of one that says it. */
export function originalUri(uri: string): { server: string; uri: string } | undefined {
  const [, server, own] = qualified.exec(uri) ?? [];
  return server !== undefined && own !== undefined ? { server, uri: own } : undefined;
}

/**
 * Addresses are the servers' own: pages of apps and links in answers name them. Only where several servers have the same,
 * each is listed with its server's name, so that all can be read.
 */
export function withConflictsTold(field: "uri" | "uriTemplate", listed: readonly Listed[]): Params[] {
  const servers = new Map<unknown, Set<string>>();
  for (const { source, items } of listed) {
    for (const item of items) servers.set(item[field], (servers.get(item[field]) ?? new Set()).add(source.name));
  }
  return listed.flatMap(({ source, items }) =>
    items.map((item) =>
      (servers.get(item[field])?.size ?? 0) > 1
        ? { ...item, [field]: qualifiedUri(source.name, String(item[field])) }
        : item,
    ),
  );
}

/** Under which addresses a client wants to hear of resources, which need not be the servers' own. */
export interface AskedUris {
  add(server: string, own: string, asked: string): void;
  remove(server: string, own: string, asked: string): void;
  has(server: string, own: string): boolean;
  /** The server's own where none was asked for. */
  of(server: string, own: string): readonly string[];
}

export function openAskedUris(): AskedUris {
  const all = new Map<string, string[]>();
  const keyOf = (server: string, own: string) => `${server} ${own}`;
  return {
    add(server, own, asked) {
      const key = keyOf(server, own);
      all.set(key, [...(all.get(key) ?? []), asked]);
    },
    remove(server, own, asked) {
      const key = keyOf(server, own);
      const left = [...(all.get(key) ?? [])];
      const at = left.indexOf(asked);
      if (at >= 0) left.splice(at, 1);
      if (left.length > 0) all.set(key, left);
      else all.delete(key);
    },
    has: (server, own) => all.has(keyOf(server, own)),
    of: (server, own) => [...new Set(all.get(keyOf(server, own)) ?? [own])],
  };
}
