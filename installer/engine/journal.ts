import { type FileHandle, open, readFile } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { diskError, orMissing, syncFolder } from "./files.ts";

/**
 * The write-ahead log beside a state file: one entry a line, each `<crc32> <json>`, the first naming the state it
 * continues. A torn last line is what a crash in the middle of a write leaves, and counts as not written.
 */
export interface JournalContent {
  /** Serial number of the state the entries apply to. */
  base: number;
  entries: unknown[];
  /** Length in bytes of what is whole. */
  size: number;
}

export interface Journal {
  /**
   * Appends lines. Calls that come while a write is under way are written together. With `durable` it resolves once
   * the lines are on the disk, else once the operating system has them.
   *
   * @throws DevflowError DISK_FULL; after any failure every further call fails too.
   */
  append(entries: unknown[], durable: boolean): Promise<void>;
  close(): Promise<void>;
}

/** @throws SyntaxError when a line other than the last is damaged. */
export async function readJournal(file: string): Promise<JournalContent | undefined> {
  const bytes = await orMissing(readFile(file));
  if (bytes === undefined) return undefined;
  const values: unknown[] = [];
  let size = 0;
  while (size < bytes.length) {
    const end = bytes.indexOf(10, size);
    const value = end < 0 ? undefined : parseLine(bytes.toString("utf8", size, end));
    if (value === undefined) {
      if (end >= 0 && bytes.indexOf(10, end + 1) >= 0) throw new SyntaxError(`damaged at byte ${size}`);
      break;
    }
    values.push(value);
    size = end + 1;
  }
  const [header, ...entries] = values;
  const base = header !== null && typeof header === "object" && "base" in header ? Number(header.base) : Number.NaN;
  return Number.isInteger(base) ? { base, entries, size } : undefined;
}

/** Opens it for appending: from `size` on when it continues the state `base`, else anew. */
export async function openJournal(
  file: string,
  base: number,
  size: number | undefined,
  observe: (point: "append" | "appended") => void,
): Promise<Journal> {
  const handle = await open(file, size === undefined ? "w" : "r+", 0o600);
  await handle.truncate(size ?? 0);
  const write = writer(handle, file, size ?? 0);
  if (size === undefined) {
    await write(line({ version: 1, base }), true);
    await syncFolder(file);
  }

  let queue: { text: string; durable: boolean }[] = [];
  let writing: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  const flush = async () => {
    const batch = queue;
    queue = [];
    next = undefined;
    observe("append");
    await write(
      batch.map(({ text }) => text).join(""),
      batch.some(({ durable }) => durable),
    );
    observe("appended");
  };
  return {
    append(entries, durable) {
      queue.push({ text: entries.map(line).join(""), durable });
      // Whoever comes while a batch is being written shares the next one, and so its single fsync.
      next ??= writing = writing.then(flush);
      return next;
    },
    async close() {
      await writing.catch(() => undefined);
      await handle.close();
    },
  };
}

export function line(entry: unknown): string {
  const json = JSON.stringify(entry);
  return `${checksum(json)} ${json}\n`;
}

// --- internal ---

function writer(handle: FileHandle, file: string, start: number) {
  let position = start;
  return async (text: string, durable: boolean): Promise<void> => {
    const bytes = Buffer.from(text);
    try {
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
        done += bytesWritten;
      }
      if (durable) await handle.datasync();
      position += bytes.length;
    } catch (error) {
      // Part of a line must not stay where a later run would append to it.
      await handle.truncate(position).catch(() => undefined);
      throw diskError(error, file);
    }
  };
}

function parseLine(text: string): unknown {
  const json = text.slice(9);
  if (text.slice(0, 8) !== checksum(json)) return undefined;
  return JSON.parse(json);
}

function checksum(json: string): string {
  return crc32(json).toString(16).padStart(8, "0");
}
