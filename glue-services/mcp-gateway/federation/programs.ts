import { type Caller, holderOf } from "../access/caller.ts";
import { Unreachable } from "./source.ts";
import type { Upstream } from "./upstream.ts";

/** Programs that run at most, of one holder and on a host. */
const limits = { holder: 12, host: 100 };
/** Calls of one holder that wait for a program at most, and milliseconds that each waits. */
const queue = { holder: 1000, patience: 120_000 };

/** Programs that run, of each holder, the longest unused first. */
const running = new Map<string, Set<Upstream>>();
/** Programs that are being started. */
const starting = new Map<string, number>();
const waiting = new Map<string, Set<() => void>>();

/**
 * Starts a program when there is room for it, and ends the longest unused one to make room: clients that crash leave theirs
 * behind, and must not shut out those that come after. What an ended one served starts anew when it is needed.
 *
 * @returns undefined when every program has something to do: see `freed`
 */
export async function startProgram(caller: Caller, start: () => Promise<Upstream>): Promise<Upstream | undefined> {
  const holder = holderOf(caller);
  if (!makeRoom(holder)) return undefined;
  starting.set(holder, (starting.get(holder) ?? 0) + 1);
  let upstream: Upstream;
  try {
    upstream = await start();
  } catch (error) {
    wake(holder);
    throw error;
  } finally {
    const left = (starting.get(holder) ?? 1) - 1;
    if (left > 0) starting.set(holder, left);
    else starting.delete(holder);
  }
  if (upstream.gone) return upstream;
  // It is whoever's it was started for, until they have used it.
  upstream.leased = true;
  const own = running.get(holder) ?? new Set();
  running.set(holder, own.add(upstream));
  const { onclose } = upstream.client;
  upstream.client.onclose = () => {
    onclose?.();
    forget(holder, upstream);
  };
  return upstream;
}

/** A program was used just now: others of its holder end before it. */
export function touch(caller: Caller, upstream: Upstream): void {
  const own = running.get(holderOf(caller));
  if (own?.delete(upstream)) own.add(upstream);
}

/** A program has nothing to do any more: whoever waits for one looks again. */
export function release(caller: Caller): void {
  wake(holderOf(caller));
}

/** Waits until a program of this caller, or room on the host, may have become free. @throws Unreachable */
export async function freed(caller: Caller, name: string, since: number): Promise<void> {
  const holder = holderOf(caller);
  const own = waiting.get(holder) ?? new Set();
  waiting.set(holder, own);
  const left = since + queue.patience - performance.now();
  if (own.size >= queue.holder || left <= 0) {
    const calls = running.get(holder)?.size ?? 0;
    throw new Unreachable(`${name} is not started: ${calls} programs run for you, and none became free in time.`);
  }
  await new Promise<void>((resolve) => {
    const go = () => {
      clearTimeout(timer);
      own.delete(go);
      if (own.size === 0 && waiting.get(holder) === own) waiting.delete(holder);
      resolve();
    };
    const timer = setTimeout(go, Math.min(left, 10_000));
    own.add(go);
  });
}

/** Whether one more may start now. */
function makeRoom(holder: string): boolean {
  const own = running.get(holder) ?? new Set<Upstream>();
  if (own.size + (starting.get(holder) ?? 0) >= limits.holder) return endUnused(holder, own);
  const sizes = [...running.values()].map(({ size }) => size);
  const total = [...sizes, ...starting.values()].reduce((sum, one) => sum + one, 0);
  if (total < limits.host) return true;
  // Whoever has the most gives way, as far as they do not use them.
  const others = [...running].sort(([, one], [, other]) => other.size - one.size);
  return others.some(([whose, programs]) => endUnused(whose, programs));
}

function endUnused(holder: string, programs: ReadonlySet<Upstream>): boolean {
  const unused = [...programs].find(({ calls, leased }) => calls.length === 0 && !leased);
  if (!unused) return false;
  forget(holder, unused);
  void unused.close();
  return true;
}

function forget(holder: string, upstream: Upstream): void {
  const own = running.get(holder);
  if (!own?.delete(upstream)) return;
  if (own.size === 0) running.delete(holder);
  wake(holder);
}

/** The holder's own waiting calls look again, and those of others when room on the host may have become free. */
function wake(holder: string): void {
  for (const go of [...(waiting.get(holder) ?? [])]) go();
  for (const [other, calls] of waiting) if (other !== holder) for (const go of [...calls].slice(0, 1)) go();
}
