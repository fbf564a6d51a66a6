import { createHash, hkdfSync } from "node:crypto";
import { readFile, stat } from "node:fs/promises";

/** A key that wraps the organisations' data keys. */
export interface MasterKey {
  /** Follows from the key; tells which one wrapped something, and nothing else. */
  id: string;
  key: Buffer;
}

export interface MasterKeys {
  current: MasterKey;
  /** By id: the current one, and during a rotation the one before. */
  byId: ReadonlyMap<string, MasterKey>;
}

/**
 * Reads the keys the installer made: one a line, the current one first.
 *
 * @throws Error when the file is missing, open to others, or has none; never with what is in it
 */
export async function readMasterKeys(file: string): Promise<MasterKeys> {
  const { mode } = await stat(file);
  if ((mode & 0o077) !== 0) throw new Error(`Others may read the master key ${file}: chmod 600 it, then rotate it.`);
  return masterKeys((await readFile(file, "utf8")).split("\n").filter((line) => line !== ""));
}

/** @param secrets random texts of at least 32 characters, the current one first */
export function masterKeys(secrets: readonly string[]): MasterKeys {
  const keys = secrets.map(derive);
  const [current] = keys;
  if (!current) throw new Error("There is no master key.");
  return { current, byId: new Map(keys.map((key) => [key.id, key])) };
}

function derive(secret: string): MasterKey {
  if (secret.length < 32) throw new Error("The master key is shorter than 32 characters.");
  const key = Buffer.from(hkdfSync("sha256", secret, "", "devflow master key 1", 32));
  return { key, id: createHash("sha256").update("devflow master key id").update(key).digest("hex").slice(0, 16) };
}
