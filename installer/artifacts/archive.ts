import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { Parser, type ReadEntry } from "tar";
import { openPromise as openZip } from "yauzl";
import type { Unpack } from "../../components/catalogue/index.ts";
import { Skipped } from "./skipped.ts";

export interface ArchiveEntry {
  path: string;
  /** Target of a symbolic link. */
  link: string | undefined;
  /** Bytes of the archive it takes, for progress. */
  packed: number;
  open(): Promise<Readable>;
}

/**
 * Calls `visit` for each file and symbolic link of an archive, one after the other.
 * @throws Skipped when the archive is damaged or names a path outside itself.
 */
export async function entriesOf(
  archive: string,
  format: Unpack["format"],
  name: string,
  visit: (entry: ArchiveEntry) => Promise<void>,
): Promise<void> {
  try {
    if (format === "zip") await zipEntries(archive, visit);
    else if (format === "tar.gz") await tarEntries(archive, visit);
    else {
      const { size } = await stat(archive);
      await visit({ path: name, link: undefined, packed: size, open: async () => createReadStream(archive) });
    }
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    // System errors (disk full, no permission) and our own keep their meaning; the rest is the archive's fault.
    if (cause instanceof Skipped || (code && /^E[A-Z]+$/.test(code)) || (cause as Error).name === "AbortError")
      throw cause;
    throw new Skipped(`${name} cannot be unpacked: ${(cause as Error).message}`, { cause });
  }
}

async function zipEntries(archive: string, visit: (entry: ArchiveEntry) => Promise<void>): Promise<void> {
  const zip = await openZip(archive, { lazyEntries: true, autoClose: false });
  try {
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName.endsWith("/")) continue;
      await visit({
        path: entry.fileName,
        link: undefined,
        packed: entry.compressedSize,
        open: () => zip.openReadStreamPromise(entry),
      });
    }
  } finally {
    zip.close();
  }
}

/** The parser goes on to the next entry only when this one has been read, so visits follow each other. */
async function tarEntries(archive: string, visit: (entry: ArchiveEntry) => Promise<void>): Promise<void> {
  let failed: unknown;
  let current: ReadEntry | undefined;
  let chain = Promise.resolve();
  const parser = new Parser({
    strict: true,
    onReadEntry(entry: ReadEntry) {
      current = entry;
      chain = chain
        .then(() => (failed ? undefined : visitTarEntry(entry, visit)))
        .catch((error) => {
          failed ??= error;
        })
        .finally(() => entry.resume());
    },
  });
  const intoParser = new Writable({
    write: (chunk, _, done) => void (parser.write(chunk) ? done() : parser.once("drain", () => done())),
    final: (done) => void parser.once("end", () => done()).end(),
  });
  parser.on("error", (error) => intoParser.destroy(error as Error));
  try {
    // Unpacked here and not by the parser, which throws where nobody can catch it when the file ends too early.
    await pipeline(createReadStream(archive), createGunzip(), intoParser);
  } catch (error) {
    // Whoever reads the entry at hand would wait for its end without end.
    current?.emit("error", error);
    await chain;
    throw failed ?? error;
  }
  await chain;
  if (failed) throw failed;
}

async function visitTarEntry(entry: ReadEntry, visit: (entry: ArchiveEntry) => Promise<void>): Promise<void> {
  const { path } = entry;
  if (entry.type === "SymbolicLink") {
    const open = () => Promise.reject(new Error(`${path} is a link`));
    await visit({ path, link: entry.linkpath ?? "", packed: 0, open });
  } else if (entry.type === "File" || entry.type === "OldFile" || entry.type === "ContiguousFile") {
    await visit({ path, link: undefined, packed: entry.size, open: async () => Readable.from(entry) });
  } else if (entry.type === "Link" || entry.type.endsWith("Device") || entry.type === "FIFO") {
    throw new Skipped(`it holds a ${entry.type}, which no program needs: ${path}`);
  }
}
