import { gatewayChannel } from "../ai-gateway/contract.ts";
import type { Transaction } from "../kit/index.ts";
import { ApiError, emit } from "../kit/index.ts";
import { currentDataKey, dataKey } from "./data-keys.ts";
import { identityOf, open, seal } from "./envelope.ts";
import type { MasterKeys } from "./master-key.ts";
import type { NewValue, Rotation, Where } from "./schemas.ts";

/** Topic of the event that tells every host that a secret was set, rotated or deleted. Key: the secret's id. */
export const changed = "secrets.changed";

/** One secret of an organisation or project, as it stands in the table. */
export interface Row {
  id: string;
  organisation_id: string;
  project_id: string | null;
  name: string;
  reference: string | null;
  version: number;
  created_at: Date;
  changed_at: Date;
  last_used_at: Date | null;
}

const columns = "id, organisation_id, project_id, name, reference, version, created_at, changed_at, last_used_at";

/** Makes it, or gives it another value at once. A value that was there is gone. */
export async function put(
  tx: Transaction,
  keys: MasterKeys,
  { name, project, value, reference }: NewValue & { name: string },
): Promise<{ row: Row; made: boolean }> {
  if ((value === undefined) === (reference === undefined)) {
    throw new ApiError("INVALID", "Give either a value or a reference.");
  }
  const { rows } = await tx.query<Row & { made: boolean }>(
    `insert into secret (project_id, name, reference) values ($1, $2, $3)
     on conflict (organisation_id, project_id, name) do update
     set reference = $3, version = secret.version + 1, changed_at = now(), changed_by = devflow.person()
     returning ${columns}, version = 1 as made`,
    [project ?? null, name, reference ?? null],
  );
  const row = rows[0] as Row & { made: boolean };
  await tx.query("delete from secret_value where secret_id = $1", [row.id]);
  if (value !== undefined) await insertValue(tx, keys, row, value);
  await tell(tx, row);
  return { row, made: row.made };
}

/**
 * Gives it a new value; the former one stays valid for `overlap` seconds more.
 *
 * @throws ApiError NOT_FOUND, or CONFLICT when the value is kept elsewhere
 */
export async function rotate(
  tx: Transaction,
  keys: MasterKeys,
  { name, project, value, overlap }: Rotation & { name: string },
): Promise<Row> {
  const { rows } = await tx.query<Row>(
    `update secret set version = version + 1, changed_at = now(), changed_by = devflow.person()
     where name = $1 and project_id is not distinct from $2 and reference is null returning ${columns}`,
    [name, project ?? null],
  );
  const [row] = rows;
  if (!row) {
    const there = await find(tx, name, { project });
    if (there?.reference) {
      throw new ApiError("CONFLICT", `The value of ${name} is kept at ${there.reference}; rotate it there.`);
    }
    throw notFound(name);
  }
  // Values from before the last one end with this rotation.
  await tx.query("delete from secret_value where secret_id = $1 and version < $2", [row.id, row.version - 1]);
  await tx.query("update secret_value set valid_until = now() + make_interval(secs => $2) where secret_id = $1", [
    row.id,
    overlap,
  ]);
  await insertValue(tx, keys, row, value);
  await tell(tx, row);
  return row;
}

/** @throws ApiError NOT_FOUND */
export async function remove(tx: Transaction, name: string, { project }: Where): Promise<Row> {
  const { rows } = await tx.query<Row>(
    `delete from secret where name = $1 and project_id is not distinct from $2 returning ${columns}`,
    [name, project ?? null],
  );
  if (!rows[0]) throw notFound(name);
  await tell(tx, rows[0]);
  return rows[0];
}

export async function find(
  tx: Transaction,
  name: string,
  { project }: { project?: string | undefined },
): Promise<Row | undefined> {
  const { rows } = await tx.query<Row>(
    `select ${columns} from secret where name = $1 and project_id is not distinct from $2`,
    [name, project ?? null],
  );
  return rows[0];
}

export interface Listed extends Row {
  /** When the former value's overlap ends. */
  until: Date | null;
}

/** Those of the organisation, and with a project that one's too. */
export async function list(tx: Transaction, { project }: Where): Promise<Listed[]> {
  const { rows } = await tx.query<Listed>(
    `select ${columns}, (select max(valid_until) from secret_value v where v.secret_id = secret.id and valid_until > now()) as until
     from secret where project_id is null or project_id = $1 order by project_id nulls first, name`,
    [project ?? null],
  );
  return rows;
}

/** The value, and the former one while it is valid. Notes when it was used. */
export async function read(
  tx: Transaction,
  keys: MasterKeys,
  row: Row,
): Promise<{ value: string; former: string | undefined }> {
  const { rows } = await tx.query<{ version: number; data_key_id: string; sealed: Buffer }>(
    `select version, data_key_id, sealed from secret_value
     where secret_id = $1 and (valid_until is null or valid_until > now()) order by version desc limit 2`,
    [row.id],
  );
  const opened: string[] = [];
  for (const { version, data_key_id, sealed } of rows) {
    const { key } = await dataKey(tx, keys, data_key_id);
    opened.push(open(key, sealed, valueIdentity(row, version)).toString());
  }
  const [value, former] = opened;
  if (value === undefined) throw new Error(`Secret ${row.id} has no value.`);
  return { value, former };
}

/** At most once a minute, so that a busy secret is not a busy row. */
export async function touch(tx: Transaction, row: Row): Promise<void> {
  await tx.query(
    "update secret set last_used_at = now() where id = $1 and (last_used_at is null or last_used_at < now() - interval '1 minute')",
    [row.id],
  );
}

async function insertValue(tx: Transaction, keys: MasterKeys, row: Row, value: string): Promise<void> {
  const { id, key } = await currentDataKey(tx, keys, row.organisation_id);
  await tx.query("insert into secret_value (secret_id, version, data_key_id, sealed) values ($1, $2, $3, $4)", [
    row.id,
    row.version,
    id,
    seal(key, Buffer.from(value), valueIdentity(row, row.version)),
  ]);
}

/** A row that is copied to another name, project or organisation does not open there. */
function valueIdentity({ organisation_id, project_id, id, name }: Row, version: number): string {
  return identityOf("value", organisation_id, project_id, id, name, version);
}

async function tell(tx: Transaction, { id, name, project_id, version }: Row): Promise<void> {
  // Gateways keep providers' keys in memory for minutes.
  await tx.query("select pg_notify($1, '')", [gatewayChannel]);
  await emit(tx, { topic: changed, key: id, payload: { id, name, project: project_id, version } });
}

function notFound(name: string): ApiError {
  return new ApiError("NOT_FOUND", `There is no secret ${name} here.`);
}
