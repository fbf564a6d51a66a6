/** A row that PostgreSQL refuses for what is in it, and why. */
export interface Refused<Row> {
  row: Row;
  error: unknown;
  /** SQLSTATE. */
  code: string;
}

/**
 * Writes rows together. When one of them cannot be written, it is found by halving, so that all others are written all
 * the same; a queue must never wait behind a row that no repetition will make better.
 *
 * @param write writes rows in one statement; rows that were written before must do no harm
 * @returns rows that cannot be written
 * @throws what `write` throws when the fault is no row's: the database is away, a function is missing, …
 */
export async function writeApart<Row>(
  rows: readonly Row[],
  write: (rows: readonly Row[]) => Promise<unknown>,
): Promise<Refused<Row>[]> {
  if (rows.length === 0) return [];
  try {
    await write(rows);
    return [];
  } catch (error) {
    if (!isRowsFault(error)) throw error;
  }
  if (rows.length === 1) return alone(rows, write);
  const half = rows.length >> 1;
  const first = await writeApart(rows.slice(0, half), write);
  return [...first, ...(await writeApart(rows.slice(half), write))];
}

/** Once more: it may have met what another transaction was just taking away. */
async function alone<Row>(
  rows: readonly Row[],
  write: (rows: readonly Row[]) => Promise<unknown>,
): Promise<Refused<Row>[]> {
  try {
    await write(rows);
    return [];
  } catch (error) {
    if (!isRowsFault(error)) throw error;
    return [{ row: rows[0] as Row, error, code: codeOf(error) }];
  }
}

/**
 * Whether a statement failed for what it was given: SQLSTATE classes 22 (data), 23 (constraints), 54 (limits, such as the
 * size of an entry of an index). https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export function isRowsFault(error: unknown): boolean {
  return /^(22|23|54)...$/.test(codeOf(error));
}

function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === "string" ? code : "";
}
