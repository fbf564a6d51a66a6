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
