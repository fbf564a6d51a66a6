import { setTimeout as pause } from "node:timers/promises";
import type { Caller } from "../callers.ts";
import type { ProviderKeys } from "./keys.ts";
import type { Pools, Provider } from "./provider.ts";

/** What servers of one's own say they have. */
export interface ModelLists {
  /** Names of models, known for a minute; none when the server does not say. */
  of(provider: Provider, caller: Caller): Promise<readonly string[]>;
}

/**
 * Milliseconds: how long a list is known, and that of a server that hangs; how long a server may take, and how long it may
 * where its last list is at hand.
 */
const times = { fresh: 60_000, hung: 5000, patience: 3000, again: 300 };
/** Bytes of a list, names in it, characters of a name, and lists that are known at once. */
const bounds = { bytes: 2 * 1024 * 1024, names: 5000, name: 200, lists: 500 };

interface Entry {
  at: number;
  names: Promise<readonly string[]>;
  /** What came last; none of a server that never answered in time. Undefined while it is asked for the first time. */
  last: readonly string[] | undefined;
}

export function openLists(pools: Pools, keys: ProviderKeys): ModelLists {
  const known = new Map<string, Entry>();
  return {
    of(provider, caller) {
      const id = `${provider.organisation ?? ""} ${provider.base.href}`;
      const entry = known.get(id);
      if (entry && performance.now() - entry.at < times.fresh) return soon(entry);
      known.delete(id);
      if (known.size >= bounds.lists) known.delete(known.keys().next().value as string);
      const next: Entry = { at: performance.now(), names: Promise.resolve([]), last: entry?.last };
      next.names = ask(provider, caller).then(
        (names) => {
          next.last = names;
          return names;
        },
        (error: unknown) => {
          if (isTimeout(error)) {
            // One that hangs is waited for once, and asked again behind what is answered.
            next.last ??= [];
            next.at = performance.now() - times.fresh + times.hung;
            return next.last;
          }
          // One that refuses or is not there says so at once whenever it is asked.
          if (known.get(id) === next) known.delete(id);
          return [];
        },
      );
      known.set(id, next);
      return soon(next);
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
    if (answer.statusCode !== 200) {
      await answer.body.dump();
      throw new Error(`It answers ${answer.statusCode}.`);
    }
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

/** Its list, or the last one where it takes long. */
function soon({ names, last }: Entry): Promise<readonly string[]> {
  if (last === undefined) return names;
  return Promise.race([names, pause(times.again, last, { ref: false })]);
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === "TimeoutError";
}
