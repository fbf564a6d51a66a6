import { lookup as resolveName } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import { Pool } from "undici";
import type { ProviderGiven, ProviderKind } from "../schemas.ts";

/** A provider as the gateway uses it: nothing is optional, and the key is a reference. */
export interface Provider {
  name: string;
  kind: ProviderKind;
  base: URL;
  /** Reference of the key; undefined: it wants none. */
  key: string | undefined;
  free: boolean;
  /** Organisation that added it; undefined for one of the platform. */
  organisation: string | undefined;
  /** Whether its address may be in a private network. */
  internal: boolean;
}

const bases: Record<ProviderKind, string> = {
  openai: "https://api.openai.com/v1",
  anthropic: "https://api.anthropic.com/v1",
  // Google's own endpoint for clients of OpenAI's API.
  google: "https://generativelanguage.googleapis.com/v1beta/openai",
  bedrock: "https://bedrock-runtime.us-east-1.amazonaws.com",
  "openai-compatible": "http://127.0.0.1:11434/v1",
};

export function providerFrom(
  given: ProviderGiven,
  { organisation, internal }: { organisation: string | undefined; internal: boolean },
): Provider {
  const base = new URL(given.baseUrl ?? bases[given.kind]);
  if (base.pathname.endsWith("/")) base.pathname = base.pathname.replace(/\/+$/, "");
  const ownMachine = isPrivateHost(base.hostname);
  return {
    name: given.name,
    kind: given.kind,
    base,
    key: given.key,
    free: given.free ?? (given.kind === "openai-compatible" && ownMachine),
    organisation,
    internal,
  };
}

/** Names and addresses of this machine and of private networks. */
export function isPrivateHost(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, "").toLowerCase();
  if (name === "localhost" || /\.(localhost|local|internal|lan)$/.test(name)) return true;
  return isIP(name) !== 0 && isPrivateAddress(name);
}

export function isPrivateAddress(address: string): boolean {
  const plain = address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, "");
  if (plain.includes(":")) return /^(::1?$|f[cd]|fe[89ab]|::ffff:)/.test(plain);
  return /^(0\.|10\.|127\.|169\.254\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|22[4-9]\.|2[3-5]\d\.)/.test(
    plain,
  );
}

/** Connections to each provider, kept open. */
export interface Pools {
  of(provider: Provider): Pool;
  close(): Promise<void>;
}

export function openPools(connections = 256): Pools {
  const pools = new Map<string, Pool>();
  return {
    of({ base, internal }) {
      const id = `${internal} ${base.origin}`;
      let pool = pools.get(id);
      if (!pool) {
        pool = new Pool(base.origin, {
          connections,
          pipelining: 1,
          // The gateway has its own, which differ by route.
          headersTimeout: 0,
          bodyTimeout: 0,
          keepAliveTimeout: 30_000,
          connect: { timeout: 10_000, ...(!internal && { lookup: publicOnly }) },
        });
        pools.set(id, pool);
      }
      return pool;
    },
    close: async () => {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()));
    },
  };
}

/** Resolves names, and refuses those that lead into a private network: what an organisation enters must not reach it. */
const publicOnly: LookupFunction = (host, options, done) => {
  resolveName(host, { ...options, all: true }, (error, addresses) => {
    if (error) return done(error, "", 4);
    const found = addresses as { address: string; family: number }[];
    const bad = found.find(({ address }) => isPrivateAddress(address));
    if (bad || !found[0]) return done(new Error(`${host} is not a public address.`), "", 4);
    if (options.all) return (done as (e: null, a: typeof found) => void)(null, found);
    return done(null, found[0].address, found[0].family);
  });
};
