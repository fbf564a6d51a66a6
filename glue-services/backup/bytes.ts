import { createHash } from "node:crypto";
import { Readable, type Transform } from "node:stream";

/** The same bytes in pieces of one length, the last one shorter; the first may have a length of its own. */
export async function* exactly(
  from: AsyncIterable<Buffer>,
  length: number,
  first: number = length,
): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let held = 0;
  let wanted = first;
  for await (const one of from) {
    parts.push(one);
    held += one.length;
    if (held < wanted) continue;
    let rest = Buffer.concat(parts, held);
    while (rest.length >= wanted) {
      yield rest.subarray(0, wanted);
      rest = rest.subarray(wanted);
      wanted = length;
    }
    parts = rest.length > 0 ? [rest] : [];
    held = rest.length;
  }
  if (held > 0) yield Buffer.concat(parts, held);
}

/** What a transforming stream, such as zlib's, makes of it. Both end with an error when one does. */
export async function* through(from: AsyncIterable<Buffer>, by: Transform): AsyncGenerator<Buffer> {
  const source = Readable.from(from, { objectMode: false });
  source.once("error", (error) => by.destroy(error));
  source.pipe(by);
  try {
    for await (const piece of by) yield piece as Buffer;
  } finally {
    source.destroy();
    by.destroy();
  }
}

/** Counts and hashes what passes. */
export function measured(from: AsyncIterable<Buffer>): {
  bytes: AsyncGenerator<Buffer>;
  /** Once all has passed. */
  found(): { size: number; sha256: string };
} {
  const hash = createHash("sha256");
  let size = 0;
  async function* pass() {
    for await (const piece of from) {
      hash.update(piece);
      size += piece.length;
      yield piece;
    }
  }
  return { bytes: pass(), found: () => ({ size, sha256: hash.digest("hex") }) };
}

export async function* bytesOf(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}

export async function collected(from: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const piece of from) all.push(piece);
  return Buffer.concat(all);
}

/** The lines of a text, without their ends. */
export async function* linesOf(from: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of from) {
    let start = 0;
    for (let end = piece.indexOf(10); end >= 0; end = piece.indexOf(10, start)) {
      yield Buffer.concat([rest, piece.subarray(start, end)]).toString("utf8");
      rest = Buffer.alloc(0);
      start = end + 1;
    }
    rest = Buffer.concat([rest, piece.subarray(start)]);
  }
  if (rest.length > 0) yield rest.toString("utf8");
}
