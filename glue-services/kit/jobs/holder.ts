import type { FastifyBaseLogger } from "fastify";
import type { Pool } from "pg";
import { keepClient } from "../database/kept-client.ts";

/**
 * Holds the advisory lock that says this worker pool lives, on a connection of its own: it goes with the process, so that
 * others can tell a host that is gone from one that is slow.
 */
export async function holdName(owner: Pool, id: string, log: FastifyBaseLogger): Promise<{ close(): void }> {
  return keepClient(owner, {
    purpose: "the lock of this host's jobs",
    log,
    async begin(client) {
      // Not waited for: a statement that waits would be cancelled, and hold a connection until then.
      const text = "select pg_try_advisory_lock(hashtextextended('devflow jobs ' || $1, 0)) as held";
      const { rows } = await client.query<{ held: boolean }>(text, [id]);
      if (!rows[0]?.held) throw new Error("Somebody else holds it.");
    },
  });
}

/** Makes jobs available again whose host is gone; the queue itself would wait four hours. */
export async function releaseAbandoned(owner: Pool, log: FastifyBaseLogger): Promise<void> {
  const found = await owner.query<{ hosts: number }>("select devflow.release_jobs() as hosts").catch(() => undefined);
  const hosts = found?.rows[0]?.hosts ?? 0;
  if (hosts > 0) log.warn({ hosts }, "took back the jobs of hosts that are gone");
}
