import type { Pool, QueryConfig, QueryResult, QueryResultRow } from "pg";
import { createPool } from "./pool.ts";
import {
  queryTenant,
  readTenant,
  type Tenant,
  type Transaction,
  type Work,
  withoutTenant,
  withTenant,
} from "./transaction.ts";

/** A service's own part of the database: its role, its schema, nothing else. */
export interface Database {
  readonly service: string;
  /** For queries outside of any transaction and tenant; row-level security then shows no tenant's rows. */
  readonly pool: Pool;
  /** Connections of its own for taking events, so that it does not queue behind requests, nor they behind it. */
  readonly background: Pool;
  /** One statement as a tenant, in one round trip. Give those that run often a `name`: they are prepared once. */
  query<Row extends QueryResultRow>(tenant: Tenant, query: QueryConfig): Promise<QueryResult<Row>>;
  /** Reads and writes as a tenant; committed when `work` is done, rolled back when it throws. */
  withTenant<Result>(tenant: Tenant, work: Work<Result>): Promise<Result>;
  /** Several reads as a tenant; cannot write. Nobody waits for its commit. */
  readTenant<Result>(tenant: Tenant, work: Work<Result>): Promise<Result>;
  /** A transaction on what all organisations share. */
  withoutTenant<Result>(work: Work<Result>): Promise<Result>;
}

export function openDatabase(service: string, pool: Pool, background: Pool = pool): Database {
  return {
    service,
    pool,
    background,
    query: (tenant, query) => queryTenant(pool, tenant, query),
    withTenant: (tenant, work) => withTenant(pool, tenant, work),
    readTenant: (tenant, work) => readTenant(pool, tenant, work),
    withoutTenant: (work) => withoutTenant(pool, work),
  };
}
export type { Pool, Tenant, Transaction };
export { createPool };
