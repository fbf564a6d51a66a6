import { createHmac } from "node:crypto";
import { bytesOf } from "../bytes.ts";
import type { CopyOf } from "../config.ts";
import { type Listed, S3Client } from "../stores/client.ts";

/** An object in a copy: one line of its list. */
export interface Kept extends Pick<Listed, "key" | "size" | "etag"> {
  bucket: string;
  /** Name below `objects/`, the same for as long as the object is. */
  id: string;
}

/** Where objects are kept, and which are there already. */
export interface Objects {
  /** What they are encrypted with: under another key an object has another id, and is written again. */
  key: string;
  has(id: string): Promise<boolean>;
  write(id: string, from: AsyncIterable<Buffer>): Promise<void>;
}

/** Headers that belong to an object and not to an answer. */
const own =
  /^(content-type|content-disposition|content-encoding|content-language|cache-control|expires|x-amz-meta-.+)$/;

/**
 * The list of a server's objects, as lines of JSON. Each object is written once, when it is seen first; the next copies
 * only name it. One that is deleted between being listed and being read is left out.
 */
export async function* mirrored(
  { server, leaveOut = [] }: CopyOf<"buckets">,
  objects: Objects,
  count: { objects: number; written: number },
  onId: (id: string) => void,
): AsyncGenerator<Buffer> {
  const client = new S3Client(server, {});
  const buckets = (await client.buckets()).filter((bucket) => !leaveOut.includes(bucket)).sort();
  for (const bucket of buckets) {
    for await (const listed of client.list(bucket)) {
      const kept = {
        bucket,
        key: listed.key,
        size: listed.size,
        etag: listed.etag,
        id: idOf(objects.key, bucket, listed),
      };
      if (!(await objects.has(kept.id))) {
        const found = await client.read(bucket, listed.key);
        if (!found) continue;
        await objects.write(kept.id, withHeaders(found));
        count.written++;
      }
      count.objects++;
      onId(kept.id);
      yield Buffer.from(`${JSON.stringify(kept)}\n`);
    }
  }
}

function idOf(secret: string, bucket: string, { key, size, etag }: Listed): string {
  const id = createHmac("sha256", secret).update(`${bucket}\0${key}\0${size}\0${etag}`).digest("hex").slice(0, 40);
  return `${id.slice(0, 2)}/${id}`;
}

/** A line with the object's own headers, and its bytes. */
async function* withHeaders({
  headers,
  bytes,
}: {
  headers: Headers;
  bytes: AsyncIterable<Buffer>;
}): AsyncGenerator<Buffer> {
  const about = Object.fromEntries([...headers].filter(([name]) => own.test(name)));
  yield* bytesOf(`${JSON.stringify(about)}\n`);
  yield* bytes;
}
