import type { FastifyReply } from "fastify";

/**
 * Something that is kept for a caller in memory, and can be begun anew: a session, a stream, what a caller without sessions
 * has.
 *
 *     in use --its last request or stream closes--> idle --a request comes--> in use
 *                                                    |
 *                                    unused too long, or room is needed
 *                                                    v
 *                                                  ended
 *
 * Where all are in use, room is made of one in use. An ended one is forgotten at once: its client is told to begin anew.
 */
export interface Kept {
  /** Whose share it is of: see `holderOf`. */
  holder: string;
  /** Requests and streams of it that are open now. */
  open: number;
  /** When the last one ended, in milliseconds of `Date.now()`. */
  used: number;
}

/** How many may be kept, of one holder and of all. */
export interface Most {
  ofHolder: number;
  all: number;
}

/**
 * Which one ends so that another of this holder has room; undefined when there is room. A holder that has all it may have
 * loses one of its own; when all together have too many, whoever has the most loses one, so that nobody shuts out
 * others. What nobody uses goes first, and of that the longest unused.
 */
export function toEnd<One extends Kept>(all: Iterable<[string, One]>, holder: string, most: Most): string | undefined {
  const byHolder = new Map<string, [string, One][]>();
  let count = 0;
  for (const entry of all) {
    count++;
    const own = byHolder.get(entry[1].holder);
    if (own) own.push(entry);
    else byHolder.set(entry[1].holder, [entry]);
  }
  const own = byHolder.get(holder) ?? [];
  if (own.length >= most.ofHolder) return leastMissed(own);
  if (count < most.all) return undefined;
  const largest = [...byHolder.values()].reduce((one, other) => (other.length > one.length ? other : one), own);
  return leastMissed(largest);
}

function leastMissed(entries: [string, Kept][]): string | undefined {
  const idle = entries.filter(([, { open }]) => open === 0);
  const candidates = idle.length > 0 ? idle : entries;
  return candidates.reduce<[string, Kept] | undefined>(
    (least, entry) => (!least || entry[1].used < least[1].used ? entry : least),
    undefined,
  )?.[0];
}

/** Whether nobody used it for so many milliseconds. */
export function isUnused({ open, used }: Kept, ms: number, now: number): boolean {
  return open === 0 && now - used > ms;
}

/** What a request or stream is open for is in use until its connection closes, however long that takes. */
export function hold(kept: Kept, reply: FastifyReply): void {
  kept.open++;
  reply.raw.once("close", () => {
    kept.open--;
    kept.used = Date.now();
  });
}
