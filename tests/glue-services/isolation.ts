import { randomUUID } from "node:crypto";
import type pg from "pg";
import { expect } from "vitest";
import { withoutTenant, withTenant } from "../../glue-services/kit/database/transaction.ts";

/**
 * Proves that no row of a service reaches another organisation: every table of its schema has `organisation_id`,
 * row-level security that is enabled and forced, and a row to prove it with (written before, by the service itself).
 * `shared` names the tables that all organisations are meant to see.
 */
export async function proveIsolation(
  owner: pg.Pool,
  { service, pool }: { service: string; pool: pg.Pool },
  { shared = [] as string[] } = {},
): Promise<string[]> {
  const tables = (await tablesOf(owner, service)).filter(({ name }) => !shared.includes(name));
  expect(tables.length, `${service} has tables`).toBeGreaterThan(0);
  for (const { name, tenanted, enabled, forced, policies } of tables) {
    expect({ name, tenanted, enabled, forced, policies: policies > 0 }).toEqual({
      name,
      tenanted: true,
      enabled: true,
      forced: true,
      policies: true,
    });
    await proveTable(owner, pool, `${service}.${name}`);
  }
  return tables.map(({ name }) => name);
}

async function proveTable(owner: pg.Pool, pool: pg.Pool, table: string): Promise<void> {
  const { rows } = await owner.query(`select organisation_id, to_jsonb(t) as data from ${table} t limit 1`);
  const [row] = rows;
  if (!row) throw new Error(`${table} has no row: let the service write one for some organisation first.`);
  const mine = { organisation: String(row.organisation_id) };
  const other = { organisation: randomUUID() };
  const columns = await writable(owner, table);
  const insert = `insert into ${table} (${columns}) overriding system value
    select ${columns} from jsonb_populate_record(null::${table}, $1)`;

  const seen = await withTenant(pool, mine, (tx) => tx.query(`select from ${table}`));
  expect(seen.rowCount, `${table}: one's own rows are visible`).toBeGreaterThan(0);
  for (const run of [withTenant.bind(null, pool, other), withoutTenant.bind(null, pool)]) {
    const touched = await run(async (tx) => [
      (await tx.query(`select from ${table}`)).rowCount,
      (await tx.query(`update ${table} set organisation_id = organisation_id`)).rowCount,
      (await tx.query(`delete from ${table}`)).rowCount,
    ]);
    expect(touched, `${table}: rows of others cannot be read, changed or deleted`).toEqual([0, 0, 0]);
    await expect(
      run((tx) => tx.query(insert, [row.data])),
      `${table}: rows cannot be written for others`,
    ).rejects.toMatchObject({ code: "42501" });
  }
  await expect(
    withTenant(pool, mine, (tx) => tx.query(`update ${table} set organisation_id = $1`, [other.organisation])),
    `${table}: rows cannot be given to others`,
  ).rejects.toMatchObject({ code: "42501" });
}

/** All but what PostgreSQL computes by itself. */
async function writable(owner: pg.Pool, table: string): Promise<string> {
  const { rows } = await owner.query<{ name: string }>(
    `select quote_ident(attname) as name from pg_attribute
     where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = ''`,
    [table],
  );
  return rows.map(({ name }) => name).join(", ");
}

async function tablesOf(owner: pg.Pool, schema: string) {
  const { rows } = await owner.query<{
    name: string;
    tenanted: boolean;
    enabled: boolean;
    forced: boolean;
    policies: number;
  }>(
    `select c.relname as name, c.relrowsecurity as enabled, c.relforcerowsecurity as forced,
       (select count(*)::int from pg_policy p where p.polrelid = c.oid) as policies,
       exists (select from information_schema.columns i where i.table_schema = $1 and i.table_name = c.relname
         and i.column_name = 'organisation_id' and i.is_nullable = 'NO') as tenanted
     from pg_class c where c.relnamespace = $1::regnamespace and c.relkind in ('r', 'p') order by 1`,
    [schema],
  );
  return rows;
}
