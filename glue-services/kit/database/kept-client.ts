import type { FastifyBaseLogger } from "fastify";
import type { Pool, PoolClient } from "pg";

/** One connection of a pool that is kept for as long as possible, and replaced when it is lost. */
export interface KeptClient {
  /** Undefined while there is none. */
  readonly client: PoolClient | undefined;
  /** Gives the connection up, also one that is being made. */
  close(): void;
}

export interface KeptClientOptions {
  /** What the connection is for, in the log. */
  purpose: string;
  /** Makes it ready; when this throws, the connection is closed and another one is tried after a pause. */
  begin(client: PoolClient): Promise<unknown>;
  /** Called each time a connection has become ready. */
  ready?(): void;
  log: FastifyBaseLogger;
}

/** Milliseconds between attempts. */
const again = 1000;

/**
 * Keeps one connection. Whatever happens to it (it cannot be made, `begin` fails, it is lost, it is no longer wanted), it
 * goes back to the pool exactly once.
 *
 * @returns after the first attempt, whether or not it succeeded
 */
export async function keepClient(pool: Pool, options: KeptClientOptions): Promise<KeptClient> {
  const { purpose, begin, ready, log } = options;
  let current: PoolClient | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  await attempt();

  return {
    get client() {
      return current;
    },
    close() {
      closed = true;
      clearTimeout(timer);
      current?.release(true);
      current = undefined;
    },
  };

  async function attempt(): Promise<void> {
    const made = await pool.connect().catch((error: unknown) => retry(error));
    if (!made) return;
    let lost: Error | undefined;
    const onLoss = (error = new Error("The connection ended.")) => {
      lost ??= error;
      if (current !== made) return;
      current = undefined;
      made.release(true);
      retry(lost);
    };
    made.once("error", onLoss);
    made.once("end", () => onLoss());
    const failure = await begin(made).then(
      () => lost,
      (error: unknown) => error ?? new Error("It could not be made ready."),
    );
    if (failure !== undefined || closed) {
      made.release(true);
      if (failure !== undefined) retry(failure);
      return;
    }
    current = made;
    ready?.();
  }

  function retry(error: unknown): undefined {
    if (closed) return;
    log.warn({ err: error, purpose }, "a connection is not there; trying again");
    timer = setTimeout(() => void attempt(), again);
  }
}
