import type { Pool, PoolClient } from "pg";

export interface PoolOptions {
  /** `postgres://user@host:port/database`; without it the PG* variables of the environment count. */
  url?: string | undefined;
  /** Role and password, where they differ from the address's. */
  user?: string;
  password?: string;
  /** Schemas that unqualified names are looked up in. @default PostgreSQL's own */
  searchPath?: string;
  /** Connections at most. @default 10 */
  max?: number;
  /** Sends queries of one connection without waiting for each other's answers. @default true */
  pipeline?: boolean;
  /** Milliseconds that a caller waits for a connection. @default 5000 */
  wait?: number;
  /** How `pg_stat_activity` names the connections. @default "devflow" */
  name?: string;
}

/** Milliseconds. A statement that takes longer than `statement` is cancelled: nobody waits for its answer any more. */
const timeouts = { wait: 5000, idle: 30_000, statement: 30_000, idleInTransaction: 60_000 };

/**
 * A pool that connects when it is first used. Queries are pipelined: several sent on one connection do not wait for
 * each other's answers.
 */
export async function createPool(options: PoolOptions): Promise<Pool> {
  const { default: pg } = await import("pg");
  const pool = new pg.Pool({
    ...(options.url && { connectionString: addressAs(options.url, options) }),
    ...(!options.url && options.user && { user: options.user, password: options.password }),
    ...(options.searchPath && { options: `-c search_path=${options.searchPath}` }),
    max: options.max ?? 10,
    application_name: options.name ?? "devflow",
    connectionTimeoutMillis: options.wait ?? timeouts.wait,
    idleTimeoutMillis: timeouts.idle,
    statement_timeout: timeouts.statement,
    idle_in_transaction_session_timeout: timeouts.idleInTransaction,
    keepAlive: true,
    pipeline: options.pipeline ?? true,
  });
  // A connection that the server closes fails its query, or is replaced at the next one; unheard, its error would end
  // the process.
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  waitForRoom(pool, options.wait ?? timeouts.wait);
  return pool;
}

/** Milliseconds between attempts on a server that has no room. */
const roomEvery = 100;

type Connected = (
  error: Error | undefined,
  client: PoolClient | undefined,
  release: (release?: unknown) => void,
) => void;

/**
 * A server that is full refuses new connections, but only until somebody ends one: callers wait for that, or for one of
 * the pool's own, as long as they would wait for an answer.
 */
function waitForRoom(pool: Pool, wait: number): void {
  const connect = pool.connect.bind(pool) as (called: Connected) => void;
  const waiting = (called: Connected, until: number) =>
    connect((error, client, release) => {
      if (!isFull(error) || performance.now() >= until) return called(error, client, release);
      setTimeout(waiting, roomEvery, called, until);
    });
  // The pool's own queries call it back.
  pool.connect = ((called?: Connected) => {
    const until = performance.now() + wait;
    if (called) return waiting(called, until);
    return new Promise<PoolClient>((resolve, reject) => {
      waiting((error, client) => (client ? resolve(client) : reject(error)), until);
    });
  }) as Pool["connect"];
}

/** SQLSTATE 53300, too_many_connections: of the server, of a database or of a role. */
function isFull(error: Error | undefined): boolean {
  return (error as { code?: string } | undefined)?.code === "53300";
}

/** What an address says wins over the options beside it, so the role goes into the address. */
function addressAs(address: string, { user, password }: PoolOptions): string {
  if (user === undefined) return address;
  const url = new URL(address);
  url.username = encodeURIComponent(user);
  url.password = encodeURIComponent(password ?? "");
  return url.href;
}
