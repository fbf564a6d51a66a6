import { lstat, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** A value that stands where it should not; which one is told by its name only. */
export interface Leak {
  file: string;
  secret: string;
}

/** Values shorter than this stand anywhere by chance. */
const shortest = 12;
/** Bytes of a file that are looked at. */
const most = 64 * 1024 * 1024;

/**
 * Looks for values in files and folders, also as they stand in URLs, JSON, base64 and hexadecimal.
 *
 * @param except files and folders that are left out
 */
export async function scanFiles(
  roots: readonly string[],
  secrets: ReadonlyMap<string, string>,
  except: readonly string[] = [],
): Promise<Leak[]> {
  const leaks: Leak[] = [];
  for (const root of roots) {
    for await (const file of filesBelow(root, new Set(except))) {
      const content = await readFile(file).catch(() => Buffer.alloc(0));
      for (const secret of found(content.subarray(0, most), secrets)) leaks.push({ file, secret });
    }
  }
  return leaks;
}

/** Names of the secrets whose value stands in the text. */
export function found(text: string | Buffer, secrets: ReadonlyMap<string, string>): string[] {
  const content = typeof text === "string" ? Buffer.from(text) : text;
  return [...secrets]
    .filter(([, value]) => value.length >= shortest && spellings(value).some((one) => content.includes(one)))
    .map(([name]) => name);
}

function spellings(value: string): string[] {
  const bytes = Buffer.from(value);
  // Inside longer base64 the first and last characters depend on what is beside them, and on where it begins.
  const shifted = [0, 1, 2].map((shift) =>
    Buffer.concat([Buffer.alloc(shift), bytes])
      .toString("base64")
      .replace(/=+$/, "")
      .slice(shift === 0 ? 0 : 4, -2),
  );
  const all = [value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1), bytes.toString("hex"), ...shifted];
  return all.filter((one) => one.length >= shortest);
}

async function* filesBelow(path: string, except: ReadonlySet<string>): AsyncGenerator<string> {
  if (except.has(path)) return;
  const status = await lstat(path).catch(() => undefined);
  if (status?.isFile()) yield path;
  if (!status?.isDirectory()) return;
  for (const name of await readdir(path).catch(() => [])) yield* filesBelow(join(path, name), except);
}
