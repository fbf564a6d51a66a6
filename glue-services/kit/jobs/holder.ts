import type { FastifyBaseLogger } from "fastify";
import type { Pool, PoolClient } from "pg";

/** Milliseconds. */
const again = 1000;

/**
 * Holds the advisory lock that says this worker pool lives, on a connection of its own: it goes with the process, so that
 * others can tell a host that is gone from one that is slow.
 */
export async function holdName(owner: Pool, id: string, log: FastifyBaseLogger): Promise<{ close(): Promise<void> }> {
  let client: PoolClient | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  await hold();

  return {
    async close() {
      closed = true;
      clearTimeout(timer);
      client?.release(true);
    },
  };

  async function hold(): Promise<void> {
    try {
      const fresh = await owner.connect();
      fresh.once("error", (error) => lost(fresh, error));
      fresh.once("end", () => lost(fresh));
      await fresh.query("select pg_advisory_lock(hashtextextended('devflow jobs ' || $1, 0))", [id]);
      client = fresh;
    } catch (error) {
      if (closed) return;
      log.warn({ err: error }, "the lock of this host's jobs is not held; trying again");
      timer = setTimeout(() => void hold(), again);
    }
  }

  function lost(which: PoolClient, error?: Error): void {
    if (closed || client !== which) return;
    client = undefined;
    which.release(error ?? true);
    timer = setTimeout(() => void hold(), again);
  }
}

/** Makes jobs available again whose host is gone; the queue itself would wait four hours. */
export async function releaseAbandoned(owner: Pool, log: FastifyBaseLogger): Promise<void> {
  const found = await owner.query<{ hosts: number }>("select devflow.release_jobs() as hosts").catch(() => undefined);
  const hosts = found?.rows[0]?.hosts ?? 0;
  if (hosts > 0) log.warn({ hosts }, "took back the jobs of hosts that are gone");
}
