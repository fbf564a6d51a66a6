import type { Database, Transaction } from "../kit/index.ts";
import { identityOf, newDataKey, open, seal } from "./envelope.ts";
import type { MasterKeys } from "./master-key.ts";

export interface DataKey {
  id: string;
  key: Buffer;
}

interface Row {
  id: string;
  organisation_id: string;
  version: number;
  wrapped: Buffer;
  wrapped_by: string;
}

const columns = "id, organisation_id, version, wrapped, wrapped_by";

/** The key that the organisation in force encrypts with now; made when it has none. */
export async function currentDataKey(tx: Transaction, keys: MasterKeys, organisation: string): Promise<DataKey> {
  const found = await newest(tx);
  if (found) return unwrap(found, keys);
  const key = newDataKey();
  const wrapped = seal(keys.current.key, key, wrappedIdentity(organisation, 1));
  // Two may make the first key at once; both then take the one that was first.
  await tx.query("insert into data_key (version, wrapped, wrapped_by) values (1, $1, $2) on conflict do nothing", [
    wrapped,
    keys.current.id,
  ]);
  const made = await newest(tx);
  if (!made) throw new Error("The data key was not made.");
  return unwrap(made, keys);
}

/** @throws Error when this host does not have the master key that wraps it */
export async function dataKey(tx: Transaction, keys: MasterKeys, id: string): Promise<DataKey> {
  const { rows } = await tx.query<Row>(`select ${columns} from data_key where id = $1`, [id]);
  if (!rows[0]) throw new Error(`There is no data key ${id}.`);
  return unwrap(rows[0], keys);
}

/**
 * Wraps every data key anew that another master key than the current one wraps. The values stay as they are. Hosts with
 * both keys read either, so nobody waits.
 *
 * @returns number of keys wrapped anew
 */
export async function rewrapAll(database: Database, keys: MasterKeys): Promise<number> {
  const { rows } = await database.pool.query<{ organisation: string }>(
    "select organisation from secrets.stale_organisations($1) organisation",
    [keys.current.id],
  );
  let count = 0;
  for (const { organisation } of rows) {
    count += await database.withTenant({ organisation }, (tx) => rewrap(tx, keys));
  }
  return count;
}

async function rewrap(tx: Transaction, keys: MasterKeys): Promise<number> {
  const { rows } = await tx.query<Row>(`select ${columns} from data_key where wrapped_by <> $1 for update`, [
    keys.current.id,
  ]);
  for (const row of rows) {
    const { key } = unwrap(row, keys);
    const wrapped = seal(keys.current.key, key, wrappedIdentity(row.organisation_id, row.version));
    await tx.query("update data_key set wrapped = $2, wrapped_by = $3 where id = $1", [
      row.id,
      wrapped,
      keys.current.id,
    ]);
  }
  return rows.length;
}

async function newest(tx: Transaction): Promise<Row | undefined> {
  const { rows } = await tx.query<Row>(`select ${columns} from data_key order by version desc limit 1`);
  return rows[0];
}

function unwrap(row: Row, keys: MasterKeys): DataKey {
  const master = keys.byId.get(row.wrapped_by);
  if (!master) {
    throw new Error(`Data key ${row.id} is wrapped by master key ${row.wrapped_by}, which this host does not have.`);
  }
  return { id: row.id, key: open(master.key, row.wrapped, wrappedIdentity(row.organisation_id, row.version)) };
}

function wrappedIdentity(organisation: string, version: number): string {
  return identityOf("data key", organisation, version);
}
