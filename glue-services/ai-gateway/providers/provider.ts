import { Pool } from "undici";
import { isPrivateHost, publicOnly } from "../../kit/index.ts";
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

export function isAzure(base: URL): boolean {
  return base.hostname.endsWith(".azure.com") || base.searchParams.has("api-version");
}

/** Azure before its API `v1`: with a version by its date, and the model in the address. */
export function isOldAzure(base: URL): boolean {
  return base.searchParams.has("api-version") && !base.pathname.endsWith("/openai/v1");
}

/** Addresses to which connections are kept at once: organisations enter as many as they like. */
const most = 500;

/** Connections to each provider, kept open. */
export interface Pools {
  of(provider: Provider): Pool;
  close(): Promise<void>;
}

export function openPools(connections = 2048): Pools {
  const pools = new Map<string, Pool>();
  return {
    of({ base, internal }) {
      const id = `${internal} ${base.origin}`;
      let pool = pools.get(id);
      if (!pool) {
        if (pools.size >= most) letGo();
        pool = new Pool(base.origin, {
          connections,
          pipelining: 1,
          // The gateway has its own, which differ by route.
          headersTimeout: 0,
          bodyTimeout: 0,
          keepAliveTimeout: 30_000,
          connect: internal ? { timeout: 10_000 } : publicOnly({ timeout: 10_000 }),
        });
        pools.set(id, pool);
      }
      return pool;
    },
    close: async () => {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()));
    },
  };

  /**
   * Of the addresses that organisations entered, the one that was opened first ends its calls and closes; who needs it
   * again opens another.
   */
  function letGo(): void {
    const id = [...pools.keys()].find((one) => one.startsWith("false ")) ?? [...pools.keys()][0];
    if (id === undefined) return;
    void pools.get(id)?.close();
    pools.delete(id);
  }
}
