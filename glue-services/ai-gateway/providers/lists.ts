import type { Caller } from "../callers.ts";
import type { ProviderKeys } from "./keys.ts";
import type { Pools, Provider } from "./provider.ts";

/** What servers of one's own say they have. */
export interface ModelLists {
  /** Names of models, known for a minute; none when the server does not say. */
  of(provider: Provider, caller: Caller): Promise<readonly string[]>;
}

/** Milliseconds: how long a list is known, and how long a server may take. */
const times = { fresh: 60_000, patience: 3000 };
/** Bytes of a list, names in it, characters of a name, and lists that are known at once. */
const bounds = { bytes: 2 * 1024 * 1024, names: 5000, name: 200, lists: 500 };

export function openLists(pools: Pools, keys: ProviderKeys): ModelLists {
  const known = new Map<string, { at: number; names: Promise<readonly string[]> }>();
  return {
    of(provider, caller) {
      const id = `${provider.organisation ?? ""} ${provider.base.href}`;
      const entry = known.get(id);
      if (entry && performance.now() - entry.at < times.fresh) return entry.names;
      const names = ask(provider, caller).catch(() => {
        if (known.get(id)?.names === names) known.delete(id);
        return [];
      });
      known.delete(id);
      if (known.size >= bounds.lists) known.delete(known.keys().next().value as string);
      known.set(id, { at: performance.now(), names });
      return names;
    },
  };

  async function ask(provider: Provider, caller: Caller): Promise<readonly string[]> {
    const key = await keys.of(provider, caller);
    const answer = await pools.of(provider).request({
      method: "GET",
      path: `${provider.base.pathname === "/" ? "" : provider.base.pathname}/models${provider.base.search}`,
      headers: { "accept-encoding": "identity", ...(key && { authorization: `Bearer ${key}` }) },
      signal: AbortSignal.timeout(times.patience),
    });
    const chunks: Buffer[] = [];
    let size = 0;
    // Leaving the loop early closes the connection.
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > bounds.bytes) throw new Error("The list of models is too long.");
      chunks.push(chunk);
    }
    const { data } = JSON.parse(Buffer.concat(chunks).toString()) as { data?: { id?: unknown }[] };
    return (data ?? [])
      .map(({ id }) => id)
      .filter(isName)
      .slice(0, bounds.names);
  }
}

function isName(name: unknown): name is string {
  return typeof name === "string" && name !== "" && name.length <= bounds.name;
}
