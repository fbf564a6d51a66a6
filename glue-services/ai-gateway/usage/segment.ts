import { appendFile, type FileHandle, open, readdir, readFile, rename, stat } from "node:fs/promises";
import { join } from "node:path";

/** A file of rows, a line of JSON each, that is no longer written to. */
export interface Segment {
  path: string;
  /** Bytes. */
  size: number;
}

/** A file that rows are still added to. */
export interface OpenSegment {
  readonly size: number;
  /** @throws when the disk does not take it; the end of the file may then be half a line, so nothing may follow it */
  append(text: Buffer): Promise<void>;
  seal(): Promise<Segment>;
}

/** Bytes of the file with rows that cannot be written; beyond them such rows are only counted. */
const asideBound = 16 * 1024 * 1024;

/** @param name begins with the number of the process, by which `adoptSegments` knows whether it still lives */
export async function createSegment(folder: string, name: string): Promise<OpenSegment> {
  const path = join(folder, `${name}.open`);
  const handle: FileHandle = await open(path, "a", 0o600);
  let size = 0;
  return {
    get size() {
      return size;
    },
    async append(text) {
      await handle.appendFile(text);
      size += text.length;
    },
    async seal() {
      await handle.close();
      return { path: await sealed(path), size };
    },
  };
}

/** Whole lines of a segment: the last one may be half, when the machine went down or the disk was full. */
export async function linesOf({ path }: Segment): Promise<string[]> {
  return (await readFile(path, "utf8")).split("\n").filter((line) => line.endsWith("}"));
}

/** Files of processes that are gone. @param isAlive whether the process that began this name still writes it */
export async function adoptSegments(
  folder: string,
  isAlive: (pid: number, name: string) => boolean,
): Promise<Segment[]> {
  const found: Segment[] = [];
  for (const name of (await readdir(folder)).sort()) {
    if (!/\.(open|rows)$/.test(name) || isAlive(Number(name.split("-", 1)[0]), name)) continue;
    // Another host of this machine may have adopted it a moment before.
    const path = await sealed(join(folder, name)).catch(() => undefined);
    if (path === undefined) continue;
    const size = (await stat(path).catch(() => undefined))?.size;
    if (size !== undefined) found.push({ path, size });
  }
  return found;
}

/** Keeps rows that cannot be written where a person can look at them. @returns whether there was room */
export async function setAside(folder: string, lines: readonly string[]): Promise<boolean> {
  const path = join(folder, "set-aside.jsonl");
  const text = lines.map((line) => `${line}\n`).join("");
  const size = (await stat(path).catch(() => undefined))?.size ?? 0;
  if (size + Buffer.byteLength(text) > asideBound) return false;
  await appendFile(path, text, { mode: 0o600 });
  return true;
}

async function sealed(path: string): Promise<string> {
  const done = path.replace(/\.open$/, ".rows");
  if (done !== path) await rename(path, done);
  return done;
}
