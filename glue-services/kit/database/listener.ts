import type { FastifyBaseLogger } from "fastify";
import type { Pool } from "pg";
import { keepClient } from "./kept-client.ts";

/** One connection that hears what other hosts tell, and tells them. */
export interface Listener {
  /** Tells every other listener of the channel; lost while the database is away, which their sweep makes good. */
  tell(): void;
  close(): Promise<void>;
}

/**
 * Listens on a channel, also after the connection was lost.
 *
 * @param onNotification called for each notification but this listener's own, and without payload after each
 *   (re)connection, since some may have been missed
 */
export async function openListener(
  pool: Pool,
  channel: string,
  onNotification: (payload?: string) => void,
  log: FastifyBaseLogger,
): Promise<Listener> {
  let telling = false;
  const kept = await keepClient(pool, {
    purpose: `listening on ${channel}`,
    log,
    begin(client) {
      const own = (client as unknown as { processID: number }).processID;
      client.on("notification", ({ processId, payload = "" }) => {
        if (processId !== own) onNotification(payload);
      });
      return client.query(`listen ${channel}`);
    },
    ready: () => onNotification(),
  });

  return {
    tell() {
      // One at a time; a second one while the first is under way would tell nothing new.
      if (!kept.client || telling) return;
      telling = true;
      kept.client
        .query(`notify ${channel}`)
        .catch(() => {})
        .finally(() => {
          telling = false;
        });
    },
    async close() {
      kept.close();
    },
  };
}
