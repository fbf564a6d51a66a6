import { isIP } from "node:net";
import { blockList, isSpecial, unmapped } from "./ranges.ts";

/** Says which addresses may be connected to. */
export interface Allowed {
  /** @param host name or address as the URL has it; @param address what it resolved to */
  connect(host: string, port: number, address: string): boolean;
}

/**
 * The public internet, and what the platform's administrator named: `wiki.example.internal`, `*.example.internal`,
 * `10.1.0.0/16`, each also with a port: `localhost:8080`.
 *
 * @throws Error for an entry that is none of these
 */
export function allowed(list: readonly string[] = []): Allowed {
  const entries = list.map(parse);
  return {
    connect(host, port, address) {
      if (!isSpecial(address)) return true;
      const name = host
        .toLowerCase()
        .replace(/^\[|\]$/g, "")
        .replace(/\.$/, "");
      return entries.some(
        (entry) => (entry.port === undefined || entry.port === port) && entry.fits(name, unmapped(address)),
      );
    },
  };
}

function parse(entry: string): { port: number | undefined; fits(name: string, address: string): boolean } {
  const match = /^(\[[0-9a-f:]+\](?:\/\d+)?|[0-9a-f:]+:[0-9a-f:]*(?:\/\d+)?|[^:/\s]+(?:\/\d+)?)(?::(\d+))?$/i.exec(
    entry.trim(),
  );
  if (!match) throw new Error(`${entry} is no name, address or range, with or without a port.`);
  const host = String(match[1]).toLowerCase().replace(/[[\]]/g, "");
  const port = match[2] === undefined ? undefined : Number(match[2]);
  const [network = "", bits] = host.split("/");
  const family = isIP(network);
  if (family) {
    if (bits !== undefined && Number(bits) > (family === 4 ? 32 : 128)) throw new Error(`${entry} has too many bits.`);
    const range = blockList([host]);
    return {
      port,
      fits: (_name, address) => isIP(address) === family && range.check(address, family === 4 ? "ipv4" : "ipv6"),
    };
  }
  if (bits !== undefined) throw new Error(`${entry} is no range of addresses.`);
  const below = host.startsWith("*.") ? host.slice(1) : undefined;
  return { port, fits: (name) => (below ? name.endsWith(below) : name === host) };
}
