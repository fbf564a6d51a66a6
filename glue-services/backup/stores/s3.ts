import { createHash } from "node:crypto";
import type { Target } from "../config.ts";
import { pathOf, S3Client } from "./client.ts";
import { NotThere, type Store } from "./index.ts";
import { textOf } from "./xml.ts";

/**
 * MiB of the parts that a large object is written in. A server takes 10,000 of them, so they grow: together 740 GiB, with
 * no more than the largest in memory.
 */
const growing = [
  { until: 2000, size: 16 },
  { until: 6000, size: 64 },
  { until: 10_000, size: 128 },
];

/** A bucket. What is cut off in the middle is no object; the server's own rule removes its parts. */
export function s3Store(target: Extract<Target, { kind: "s3" }>, env: NodeJS.ProcessEnv): Store {
  const { bucket, prefix } = target;
  const client = new S3Client(target.server, env);
  const at = (name: string) => pathOf(bucket, `${prefix}${name}`);
  return {
    async write(name, from) {
      const parts = partsOf(from);
      const first = await parts.next();
      const start = first.done ? Buffer.alloc(0) : first.value;
      const second = first.done ? first : await parts.next();
      if (second.done) {
        await client.call("PUT", at(name), { body: start, headers: digest(start) });
        return;
      }
      await writeInParts(name, [start, second.value], parts);
    },
    async read(name) {
      const found = await client.read(bucket, `${prefix}${name}`);
      if (!found) throw new NotThere(name);
      return found.bytes;
    },
    has: async (name) => (await client.call("HEAD", at(name))).ok,
    async *list(wanted) {
      for await (const { key, size, modified } of client.list(bucket, `${prefix}${wanted}`))
        yield { name: key.slice(prefix.length), size, modified };
    },
    async remove(name) {
      await client.call("DELETE", at(name));
    },
  };

  async function writeInParts(name: string, first: Buffer[], rest: AsyncGenerator<Buffer>): Promise<void> {
    const started = await client.call("POST", `${at(name)}?uploads`);
    const upload = textOf(await started.text(), "UploadId");
    if (!upload) throw new Error(`The S3 server began no upload of ${name}.`);
    const query = `uploadId=${encodeURIComponent(upload)}`;
    try {
      const tags: string[] = [];
      for (const part of first) await put(part);
      for await (const part of rest) await put(part);
      const list = tags.map((tag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${tag}</ETag></Part>`);
      const body = Buffer.from(`<CompleteMultipartUpload>${list.join("")}</CompleteMultipartUpload>`);
      const ended = await client.call("POST", `${at(name)}?${query}`, { body });
      const text = await ended.text();
      // A server may say "200" first and what went wrong later.
      if (!ended.ok || text.includes("<Error>")) throw new Error(`${name} is not whole: ${text.slice(0, 300)}`);

      async function put(part: Buffer): Promise<void> {
        const path = `${at(name)}?partNumber=${tags.length + 1}&${query}`;
        const answer = await client.call("PUT", path, { body: part, headers: digest(part) });
        if (!answer.ok) throw new Error(`The S3 server lost the upload of ${name}.`);
        tags.push(answer.headers.get("etag") ?? "");
      }
    } catch (error) {
      await client.call("DELETE", `${at(name)}?${query}`).catch(() => {});
      throw error;
    }
  }
}

/** A bucket with a lock on its objects takes nothing without it. */
function digest(body: Buffer): Record<string, string> {
  return { "content-md5": createHash("md5").update(body).digest("base64") };
}

async function* partsOf(from: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let pieces: Buffer[] = [];
  let held = 0;
  let number = 1;
  const size = () => (growing.find(({ until }) => number <= until) ?? growing.at(-1))?.size ?? 16;
  for await (const piece of from) {
    pieces.push(piece);
    held += piece.length;
    if (held < size() * 2 ** 20) continue;
    yield Buffer.concat(pieces, held);
    number++;
    pieces = [];
    held = 0;
  }
  if (held > 0) yield Buffer.concat(pieces, held);
}
