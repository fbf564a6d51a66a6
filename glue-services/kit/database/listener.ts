import type { FastifyBaseLogger } from "fastify";
import type { Pool, PoolClient } from "pg";

/** One connection that hears what other hosts tell, and tells them. */
export interface Listener {
  /** Tells every listener of the channel; lost while the database is away, which their sweep makes good. */
  tell(): void;
  close(): Promise<void>;
}

/** Milliseconds. */
const again = 1000;

/** Listens on a channel, also after the connection was lost; `heard` is called after each (re)connection too, with nothing. */
export async function openListener(
  pool: Pool,
  channel: string,
  heard: (payload?: string) => void,
  log: FastifyBaseLogger,
): Promise<Listener> {
  let client: PoolClient | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let telling = false;
  await connect();

  return {
    tell() {
      // One at a time; a second one while the first is under way would tell nothing new.
      if (!client || telling) return;
      telling = true;
      client
        .query(`notify ${channel}`)
        .catch(() => {})
        .finally(() => {
          telling = false;
        });
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      client?.release(true);
    },
  };

  async function connect(): Promise<void> {
    try {
      const fresh = await pool.connect();
      fresh.on("notification", ({ payload = "" }) => heard(payload));
      fresh.once("error", (error) => lost(fresh, error));
      fresh.once("end", () => lost(fresh));
      await fresh.query(`listen ${channel}`);
      if (closed) return fresh.release(true);
      client = fresh;
      heard();
    } catch (error) {
      retry(error);
    }
  }

  function lost(which: PoolClient, error?: Error): void {
    if (closed || client !== which) return;
    client = undefined;
    which.release(error ?? true);
    retry(error);
  }

  function retry(error: unknown): void {
    if (closed) return;
    log.warn({ err: error, channel }, "not listening; trying again");
    timer = setTimeout(() => void connect(), again);
  }
}
