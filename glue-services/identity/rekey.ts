import { symmetricDecrypt, symmetricEncrypt } from "better-auth/crypto";
import type { Pool } from "pg";

export interface Rekeyed {
  /** Values that are now encrypted with the secret. */
  anew: number;
  /** Values that neither secret opens; they stay as they are. */
  lost: number;
}

/** Where Better Auth keeps what it encrypts with the service's secret; a key's private half is kept as JSON. */
const places = [
  { table: "twoFactor", column: "secret", json: false },
  { table: "twoFactor", column: "backupCodes", json: false },
  { table: "jwks", column: "privateKey", json: true },
] as const;

/**
 * Encrypts anew with `secret` what is encrypted with the former one, so that second factors and signing keys outlive a
 * rotation. What is done already stays: it may be called again, and by several hosts at once.
 */
export async function rekey(pool: Pool, secret: string, former: string): Promise<Rekeyed> {
  const client = await pool.connect();
  const result: Rekeyed = { anew: 0, lost: 0 };
  try {
    await client.query("begin");
    for (const { table, column, json } of places) {
      const { rows } = await client.query<{ id: string; value: string }>(
        `select id, "${column}" as value from "${table}" order by id for update`,
      );
      for (const { id, value } of rows) {
        const data = json ? (JSON.parse(value) as string) : value;
        if ((await opened(data, secret)) !== undefined) continue;
        const plain = await opened(data, former);
        if (plain === undefined) {
          result.lost++;
          continue;
        }
        const sealed = await symmetricEncrypt({ key: secret, data: plain });
        const kept = json ? JSON.stringify(sealed) : sealed;
        await client.query(`update "${table}" set "${column}" = $2 where id = $1`, [id, kept]);
        result.anew++;
      }
    }
    await client.query("commit");
  } catch (error) {
    await client.query("rollback").catch(() => {});
    throw error;
  } finally {
    client.release();
  }
  return result;
}

/** The values that the secret does not open, of those that are encrypted. */
export async function unopened(
  query: (text: string) => Promise<{ rows: { value: string }[] }>,
  secret: string,
): Promise<number> {
  let count = 0;
  for (const { table, column, json } of places) {
    const { rows } = await query(`select "${column}" as value from identity."${table}"`);
    for (const { value } of rows) {
      if ((await opened(json ? (JSON.parse(value) as string) : value, secret)) === undefined) count++;
    }
  }
  return count;
}

/** The cipher authenticates what it opens, so a wrong secret opens nothing. */
async function opened(data: string, key: string): Promise<string | undefined> {
  return symmetricDecrypt({ key, data }).catch(() => undefined);
}
