import { ApiError } from "../../kit/api-error.ts";
import type { ReadAddresses } from "./addresses.ts";
import { type Lane, openLane, type ReaderLimits } from "./lane.ts";
import type { ReadRobots } from "./robots.ts";
import type { Given } from "./text.ts";
import type { Placed, ReadPage, Result, Work } from "./work.ts";

export type { ReaderLimits } from "./lane.ts";

/** Reads what comes from outside in processes of its own. An organisation's turn comes however much others have waiting. */
export interface Reader {
  /** @throws ApiError INVALID, TOO_LARGE, UNSUPPORTED_MEDIA: the file is at fault; UNAVAILABLE: too much waits */
  read(given: Given, organisation: string, placed?: Placed): Promise<ReadPage>;
  /** Addresses that a sitemap or a list of links names. @throws ApiError as `read` */
  addresses(kind: "sitemap" | "links", given: Given, organisation: string): Promise<ReadAddresses>;
  /** What a robots.txt asks of this crawler. @throws ApiError as `read` */
  robots(given: Given, organisation: string): Promise<ReadRobots>;
  /** Starts a process, where none is, for work that is about to come. */
  warm(): void;
  close(): Promise<void>;
}

/** Processes; one organisation has at most one of them, so that its heavy files hold up nobody else's. */
export const lanes = 2;
/** Pieces of work of one organisation that may wait. */
const mostWaiting = 64;

interface Waiting {
  work: Work;
  resolve(result: Result): void;
  reject(error: Error): void;
}

export function openReader(limits: ReaderLimits = {}): Reader {
  // In the order in which organisations are served: who was served last comes last.
  const queues = new Map<string, Waiting[]>();
  const served = new Set<string>();
  const free: Lane[] = [];
  const all: Lane[] = [];
  let closed = false;

  return {
    read: async (given, organisation, placed = {}) =>
      (await add({ as: "page", given, placed }, organisation)) as ReadPage,
    addresses: async (as, given, organisation) => (await add({ as, given }, organisation)) as ReadAddresses,
    robots: async (given, organisation) => (await add({ as: "robots", given }, organisation)) as ReadRobots,
    warm() {
      if (closed || all.length > free.length) return;
      (free.at(-1) ?? spare()).warm();
    },
    async close() {
      closed = true;
      for (const waiting of queues.values()) for (const one of waiting) one.reject(closing());
      queues.clear();
      await Promise.all(all.map((lane) => lane.close()));
    },
  };

  function add(work: Work, organisation: string): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (closed) return reject(closing());
      const queue = queues.get(organisation) ?? [];
      if (queue.length >= mostWaiting) {
        return reject(
          new ApiError("UNAVAILABLE", "Too many files are waiting to be read.", { hint: "Try again later." }),
        );
      }
      queue.push({ work, resolve, reject });
      queues.set(organisation, queue);
      turn();
    });
  }

  function turn(): void {
    for (const [organisation, queue] of queues) {
      if (closed || served.has(organisation)) continue;
      const lane = free.pop() ?? (all.length < lanes ? open() : undefined);
      if (!lane) return;
      const one = queue.shift();
      queues.delete(organisation);
      if (queue.length > 0) queues.set(organisation, queue);
      served.add(organisation);
      lane
        .do((one as Waiting).work)
        .then(one?.resolve, one?.reject)
        .finally(() => {
          served.delete(organisation);
          free.push(lane);
          turn();
        });
    }
  }

  function spare(): Lane {
    const lane = open();
    free.push(lane);
    return lane;
  }

  function open(): Lane {
    const lane = openLane(limits);
    all.push(lane);
    return lane;
  }
}

function closing(): ApiError {
  return new ApiError("UNAVAILABLE", "The platform is closing.");
}
