import { createReadStream } from "node:fs";
import { type FileHandle, lstat, open, readdir, readlink } from "node:fs/promises";
import { join, relative } from "node:path";
import { Header, type HeaderData, Pax } from "tar";
import type { CopyOf } from "../config.ts";

/** What was seen on the way, besides the files. */
export interface Seen {
  files: number;
  /** Files that became shorter while they were read, and are filled up with zeros. */
  shortened: string[];
}

/**
 * The files of a folder as an archive of tar, while programs work in it. What goes away between being listed and being
 * opened is left out; a folder is listed until it has nothing new, so that what took its place comes along. In a
 * repository of git what points comes before what is pointed to, so that the copy points to nothing it has not.
 */
export async function* archive(
  { path, leaveOut = [], fresh }: CopyOf<"folder">,
  seen: Seen,
  now: number,
): AsyncGenerator<Buffer> {
  const omitted = new Set(leaveOut.map((folder) => join(path, folder)));
  let newest = 0;
  yield* folder(path);
  if (fresh !== undefined && newest < now - fresh * 3_600_000)
    throw new Error(`${path} has no file of the last ${fresh} hours.`);
  // Two empty blocks end an archive.
  yield Buffer.alloc(1024);

  async function* folder(at: string): AsyncGenerator<Buffer> {
    const done = new Set<string>();
    let later: string[] = [];
    for (let turn = 0; turn < mostTurns; turn++) {
      const names = (await readdir(at).catch(ignoreMissing)) ?? [];
      later = names.includes("objects") ? inOrder : inOrder.filter((name) => names.includes(name));
      const unseen = names.filter((name) => !done.has(name) && !inOrder.includes(name));
      if (unseen.length === 0) break;
      for (const name of unseen.sort()) {
        yield* one(join(at, name));
        done.add(name);
      }
    }
    // Not as they were listed: each is looked for when those before it have been read.
    for (const name of later) yield* one(join(at, name));
  }

  async function* one(entry: string): AsyncGenerator<Buffer> {
    if (omitted.has(entry)) return;
    const stats = await lstat(entry).catch(ignoreMissing);
    if (!stats) return;
    const about = { path: relative(path, entry), mode: stats.mode & 0o7777, uid: stats.uid, gid: stats.gid };
    const head = { ...about, mtime: new Date(Math.floor(stats.mtimeMs / 1000) * 1000) };
    if (stats.isDirectory()) {
      yield headerOf({ ...head, path: `${head.path}/`, type: "Directory", size: 0 });
      yield* folder(entry);
      return;
    }
    if (stats.isSymbolicLink()) {
      const linkpath = await readlink(entry).catch(ignoreMissing);
      if (linkpath === undefined) return;
      yield headerOf({ ...head, type: "SymbolicLink", linkpath, size: 0 });
      return;
    }
    // Sockets and pipes are made anew by who needs them.
    if (!stats.isFile()) return;
    const file = await open(entry).catch(ignoreMissing);
    if (!file) return;
    try {
      const { size, mtimeMs } = await file.stat();
      newest = Math.max(newest, mtimeMs);
      yield headerOf({ ...head, type: "File", size });
      yield* content(file, size, head.path);
      seen.files++;
    } finally {
      await file.close();
    }
  }

  /** As many bytes as its header says, whatever is written to it meanwhile. */
  async function* content(file: FileHandle, size: number, name: string): AsyncGenerator<Buffer> {
    let left = size;
    if (left > 0) {
      const stream = createReadStream("", {
        fd: file,
        autoClose: false,
        start: 0,
        end: size - 1,
        highWaterMark: 2 ** 18,
      });
      for await (const piece of stream) {
        left -= (piece as Buffer).length;
        yield piece as Buffer;
      }
    }
    if (left > 0) seen.shortened.push(name);
    for (let zeros = left + ((512 - (size % 512)) % 512); zeros > 0; zeros -= 2 ** 18)
      yield Buffer.alloc(Math.min(zeros, 2 ** 18));
  }
}

/** How often a folder is listed in which others make files meanwhile. */
const mostTurns = 5;

/** In a repository: a loose reference that goes has gone into packed-refs, a loose object into a pack. */
const inOrder = ["refs", "packed-refs", "objects", "pack"];

/** A header, after an extended one where a name or a size is too long for it. */
function headerOf(data: HeaderData): Buffer {
  const header = new Header(data);
  header.encode();
  const block = header.block as Buffer;
  return header.needPax ? Buffer.concat([new Pax(data).encode(), block]) : block;
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
  throw error;
}
