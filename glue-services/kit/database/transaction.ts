import type { Socket } from "node:net";
import type { Pool, PoolClient, QueryConfig, QueryResult, QueryResultRow } from "pg";

/** Who a transaction acts for. Ids are UUIDs. An Identity is one. */
export interface Tenant {
  organisation: string;
  /** Undefined for a machine. */
  person?: string | undefined;
}

/** What runs inside one database transaction. */
export interface Transaction {
  /** Undefined: it acts for nobody. */
  readonly tenant: Tenant | undefined;
  /** Rejects once the transaction has ended: the connection is then somebody else's. */
  query<Row extends QueryResultRow>(query: string | QueryConfig, values?: unknown[]): Promise<QueryResult<Row>>;
  readonly commit: {
    /** Sends a last statement when `work` is done; the transaction is rolled back when it fails. */
    before(task: () => Promise<unknown>): void;
    /** Runs once the data is committed; not at all when it is not. Must not throw. */
    after(task: () => void): void;
  };
}

/** Thrown by work that was given up while parts of it may go on: its connection is closed rather than used again. */
export class Unfinished extends Error {}

export type Work<Result> = (tx: Transaction) => Promise<Result>;

/**
 * Runs `work` in a transaction that sees and writes only the tenant's rows: row-level security reads the two settings,
 * and both end with the transaction. It is rolled back when `work` throws.
 */
export async function withTenant<Result>(pool: Pool, tenant: Tenant, work: Work<Result>): Promise<Result> {
  return transact(pool, tenant, `begin; ${settings(tenant)}`, work);
}

/** Like withTenant for work that only reads: it cannot write, and does not wait for the commit. */
export async function readTenant<Result>(pool: Pool, tenant: Tenant, work: Work<Result>): Promise<Result> {
  return transact(pool, tenant, `begin read only; ${settings(tenant)}`, work, { awaitCommit: false });
}

/**
 * One statement as a tenant, in one round trip: the transaction around it travels in the same packet. Committed when it
 * answers.
 */
export async function queryTenant<Row extends QueryResultRow>(
  pool: Pool,
  tenant: Tenant,
  query: QueryConfig,
): Promise<QueryResult<Row>> {
  const begin = `begin; ${settings(tenant)}`;
  const client = await pool.connect();
  gather(client);
  client.query(begin).catch(() => {});
  const answer = client.query<Row>(query);
  answer.catch(() => {});
  await commit(client, [() => answer]);
  return answer;
}

/** A transaction that acts for nobody: it sees no tenant's rows. For tables that all organisations share. */
export async function withoutTenant<Result>(pool: Pool, work: Work<Result>): Promise<Result> {
  return transact(pool, undefined, "begin", work);
}

/** Statement that puts a tenant in force until the end of the transaction; undefined: nobody. */
export function settings(tenant: Tenant | undefined): string {
  return `set local devflow.organisation = '${uuid(tenant?.organisation)}'; set local devflow.person = '${uuid(tenant?.person)}'`;
}

async function transact<Result>(
  pool: Pool,
  tenant: Tenant | undefined,
  begin: string,
  work: Work<Result>,
  { awaitCommit } = { awaitCommit: true },
): Promise<Result> {
  const client = await pool.connect();
  const before: (() => Promise<unknown>)[] = [];
  const after: (() => void)[] = [];
  let open = true;
  let result: Result;
  try {
    // Not awaited: connections are pipelined, so the first query of `work` travels in the same packet.
    gather(client);
    const begun = client.query(begin);
    begun.catch(() => {});
    result = await work({
      tenant,
      query: async (query, values) => {
        if (open) return client.query(query as string, values);
        throw new Error("This transaction has ended. Await everything that its work starts before the work returns.");
      },
      commit: { before: (task) => void before.push(task), after: (task) => void after.push(task) },
    });
    await begun;
  } catch (error) {
    // Before anything is awaited: what the work left running must not reach the next transaction of this connection.
    open = false;
    if (isUnfinished(error)) client.release(true);
    else await rollBack(client);
    throw error;
  }
  const committed = commit(client, before);
  open = false;
  if (awaitCommit) await committed;
  else committed.catch(() => {});
  for (const task of after) task();
  return result;
}

async function rollBack(client: PoolClient): Promise<void> {
  await client.query("rollback").then(
    () => client.release(),
    () => client.release(true),
  );
}

function isUnfinished(error: unknown): boolean {
  return error instanceof Unfinished || (error instanceof Error && error.cause instanceof Unfinished);
}

/** Sends the last statements and the commit together: should one of them fail, PostgreSQL makes a rollback of it. */
async function commit(client: PoolClient, before: (() => Promise<unknown>)[]): Promise<void> {
  gather(client);
  const last = Promise.all(before.map((task) => task()));
  last.catch(() => {});
  const { command } = await client.query("commit").catch((error: unknown) => {
    client.release(true);
    throw error;
  });
  client.release();
  await last;
  // PostgreSQL answers so when a statement before it failed and somebody caught the error.
  if (command !== "COMMIT")
    throw new Error("The transaction was rolled back, because one of its statements had failed.");
}

/** What is sent until the end of this turn leaves together: a write to the socket costs more than a statement. */
function gather(client: PoolClient): void {
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection;
  stream.cork();
  process.nextTick(() => stream.uncork());
}

/** Also the guard against anything but a UUID in the statement above. */
function uuid(id: string | undefined): string {
  if (id === undefined) return "";
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) return id;
  throw new TypeError("Ids of organisations and people are UUIDs.");
}
