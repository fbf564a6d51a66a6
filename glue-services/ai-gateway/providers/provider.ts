import { Pool } from "undici";
import { isPrivateHost, publicOnly } from "../../kit/index.ts";
import type { ProviderGiven, ProviderKind } from "../schemas.ts";
import { baseOf } from "./base.ts";

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

export function providerFrom(
  given: ProviderGiven,
  { organisation, internal }: { organisation: string | undefined; internal: boolean },
): Provider {
  const base = baseOf(given.kind, given.baseUrl);
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
