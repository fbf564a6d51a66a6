import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import type { ClientBase } from "pg";

/** One numbered SQL file, `0001-notes.sql`. */
export interface Migration {
  number: number;
  name: string;
  sql: string;
  checksum: string;
}

/** @throws Error when a name is not numbered, or numbers repeat or leave a gap. */
export async function readMigrations(folder: URL): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".sql")).sort();
  return Promise.all(
    names.map(async (name, at) => {
      const number = Number(/^(\d{4})-[a-z0-9-]+\.sql$/.exec(name)?.[1]);
      if (number !== at + 1) throw new Error(`Migration ${name} should be number ${at + 1}, as 0001-what-it-does.sql.`);
      const sql = await readFile(new URL(name, folder), "utf8");
      return { number, name, sql, checksum: createHash("sha256").update(sql).digest("hex") };
    }),
  );
}

/**
 * Brings one schema up to date: all files that were not applied yet, in one transaction, so that a failed one changes
 * nothing and the running version keeps serving. Needs the caller to hold the migration lock (`withMigrationLock`).
 *
 * @returns names of the files that were applied
 * @throws Error when an applied file was changed or removed, or when a file fails (it says which one and where)
 */
export async function migrate(owner: ClientBase, schema: string, migrations: readonly Migration[]): Promise<string[]> {
  const { rows } = await owner.query<Applied>(
    "select number, name, checksum from devflow.migration where schema = $1 order by number",
    [schema],
  );
  compare(schema, rows, migrations);
  const pending = migrations.slice(rows.length);
  if (pending.length === 0) return [];
  await owner.query("begin");
  try {
    // A change that must wait for a long query makes everyone behind it wait too: it gives up instead.
    await owner.query(`set local lock_timeout = '10s'; set local search_path = ${schema}, public`);
    for (const migration of pending) await apply(owner, schema, migration);
    await owner.query("commit");
  } catch (error) {
    await owner.query("rollback").catch(() => {});
    throw error;
  }
  return pending.map((migration) => migration.name);
}

/** Lets one host at a time prepare the database; the others wait, then find nothing left to do. */
export async function withMigrationLock<Result>(owner: ClientBase, work: () => Promise<Result>): Promise<Result> {
  await owner.query("set statement_timeout = 0");
  await owner.query("select pg_advisory_lock(hashtextextended('devflow migrations', 0))");
  try {
    await owner.query(`
      create schema if not exists devflow;
      create table if not exists devflow.migration (
        schema text not null,
        number int not null,
        name text not null,
        checksum text not null,
        applied_at timestamptz not null default now(),
        primary key (schema, number)
      )`);
    return await work();
  } finally {
    await owner.query("select pg_advisory_unlock(hashtextextended('devflow migrations', 0))").catch(() => {});
  }
}

type Applied = Pick<Migration, "number" | "name" | "checksum">;

function compare(schema: string, applied: Applied[], migrations: readonly Migration[]): void {
  for (const [at, before] of applied.entries()) {
    const now = migrations[at];
    if (!now) {
      throw new Error(
        `The database has ${schema}/${before.name}, which this version does not know: it was written by a newer one. Run that version, or restore a backup from before it.`,
      );
    }
    if (now.checksum !== before.checksum) {
      throw new Error(
        `${schema}/${now.name} was changed after it had been applied. Restore the file, and put the change into a new one.`,
      );
    }
  }
}

async function apply(owner: ClientBase, schema: string, { number, name, sql, checksum }: Migration): Promise<void> {
  try {
    await owner.query(sql);
  } catch (error) {
    const { message, position } = error as { message: string; position?: string };
    const line = position ? ` at line ${sql.slice(0, Number(position)).split("\n").length}` : "";
    throw new Error(`Migration ${schema}/${name} failed${line}: ${message}. Nothing was changed.`, { cause: error });
  }
  await owner.query("insert into devflow.migration (schema, number, name, checksum) values ($1, $2, $3, $4)", [
    schema,
    number,
    name,
    checksum,
  ]);
}
