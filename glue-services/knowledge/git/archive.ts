import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { Parser, type ReadEntry } from "tar";

export const limits = { file: 1024 * 1024, files: 5000, bytes: 512 * 1024 * 1024 };

export interface ArchiveRead {
  /** Files that were handed on. */
  files: number;
  /** It held more than is read. */
  cut: boolean;
}

/**
 * Goes through a gzipped tar file by file, never holding more than one: the next is unpacked when the one before was
 * handled. Names in it are names, never paths of this machine; links and whatever else is no file are passed over.
 *
 * @param handle answers false to end
 */
export async function eachFile(
  archive: NodeJS.ReadableStream,
  want: (path: string) => boolean,
  handle: (path: string, bytes: Buffer) => Promise<boolean>,
): Promise<ArchiveRead> {
  const read: ArchiveRead = { files: 0, cut: false };
  const stop = new AbortController();
  const parser = new Parser({ strict: false, maxMetaEntrySize: limits.file });
  let unpacked = 0;
  let queue = Promise.resolve();

  parser.on("entry", (entry: ReadEntry) => {
    // The first part is the folder that holds all.
    const path = entry.path.replace(/^[^/]*\//, "");
    const size = entry.size ?? 0;
    unpacked += size;
    if (unpacked > limits.bytes) {
      // What is small when packed may unpack to anything: the rest is not even looked at.
      read.cut = true;
      return stop.abort(ended);
    }
    if (!isInside(path) || entry.type !== "File" || size > limits.file || !want(path)) return void entry.resume();
    if (read.files >= limits.files) {
      read.cut = true;
      return stop.abort(ended);
    }
    read.files++;
    queue = queue
      .then(async () => {
        if (stop.signal.aborted) return void entry.resume();
        const bytes = Buffer.concat(await entry.collect());
        if (!(await handle(path, bytes))) stop.abort(ended);
      })
      .catch((error: unknown) => stop.abort(error));
  });

  const failed = new Promise<never>((_resolve, reject) => {
    parser.on("error", reject);
    stop.signal.addEventListener("abort", () => reject(stop.signal.reason));
  });
  try {
    await Promise.race([pipeline(archive, createGunzip(), parser as never, { signal: stop.signal }), failed]);
    await queue;
    stop.signal.throwIfAborted();
  } catch (error) {
    if (stop.signal.aborted && stop.signal.reason !== ended) throw stop.signal.reason;
    if (!stop.signal.aborted) throw error;
    await queue;
  }
  return read;
}

/** Why reading ended before the archive did, when nothing went wrong. */
const ended = new Error("The archive is not read further.");

/** Gitea makes none that leads out; whoever stands between might. */
function isInside(path: string): boolean {
  return path !== "" && !path.startsWith("/") && !path.includes("\0") && !path.split(/[/\\]/).includes("..");
}
