import { AwsClient } from "aws4fetch";
import { type Keys, keysOf } from "./credentials.ts";
import { elements, textOf } from "./xml.ts";

export interface ServerArgs {
  endpoint: string;
  region?: string;
  accessKey?: string;
  secretKey?: string;
}

/** One object as a server lists it. */
export interface Listed {
  key: string;
  size: number;
  etag: string;
  modified: Date;
}

/** Calls to an S3 server, by path (`/bucket/key`), with retries for what passes by itself. */
export class S3Client {
  readonly #server: ServerArgs;
  readonly #env: NodeJS.ProcessEnv;
  #client: { made: AwsClient; until: number } | undefined;

  constructor(server: ServerArgs, env: NodeJS.ProcessEnv) {
    this.#server = server;
    this.#env = env;
  }

  /** @throws Error with the server's own words for every answer but a good one and 404 */
  async call(method: string, path: string, init: { body?: Buffer; headers?: Record<string, string> } = {}) {
    const client = await this.#signed();
    const { body, headers = {} } = init;
    const answer = await client.fetch(`${this.#server.endpoint}${path}`, {
      method,
      headers,
      // The time is for the answer to begin and to be read: an object of 128 MiB at 1 MiB a second.
      signal: AbortSignal.timeout(180_000),
      ...(body && { body: new Uint8Array(body) }),
    });
    if (answer.ok || answer.status === 404) return answer;
    const text = await answer.text();
    const why = textOf(text, "Message") ?? text.slice(0, 300);
    throw new Error(`${method} ${path.split("?")[0]}: HTTP ${answer.status} ${textOf(text, "Code") ?? ""} ${why}`);
  }

  /** The bytes of an object; undefined when there is none. They may take as long as they take. */
  async read(bucket: string, key: string): Promise<{ headers: Headers; bytes: AsyncIterable<Buffer> } | undefined> {
    const client = await this.#signed();
    const answer = await client.fetch(`${this.#server.endpoint}${pathOf(bucket, key)}`, {});
    if (answer.status === 404) return undefined;
    if (!answer.ok) throw new Error(`GET ${pathOf(bucket, key)}: HTTP ${answer.status} ${await answer.text()}`);
    return { headers: answer.headers, bytes: buffers(answer.body) };
  }

  async buckets(): Promise<string[]> {
    const answer = await this.call("GET", "/");
    return elements(await answer.text(), "Bucket").flatMap(({ Name }) => (Name ? [Name] : []));
  }

  async *list(bucket: string, prefix = ""): AsyncGenerator<Listed> {
    let token: string | undefined;
    do {
      const query = new URLSearchParams({ "list-type": "2", "encoding-type": "url", prefix });
      if (token !== undefined) query.set("continuation-token", token);
      const answer = await this.call("GET", `${pathOf(bucket)}?${query}`);
      const text = await answer.text();
      if (answer.status === 404) throw new Error(`There is no bucket ${bucket}.`);
      const encoded = textOf(text, "EncodingType") === "url";
      for (const { Key = "", Size, ETag = "", LastModified = "" } of elements(text, "Contents")) {
        const key = encoded ? decodeURIComponent(Key.replaceAll("+", "%20")) : Key;
        yield { key, size: Number(Size), etag: ETag.replaceAll('"', ""), modified: new Date(LastModified) };
      }
      token = textOf(text, "IsTruncated") === "true" ? textOf(text, "NextContinuationToken") : undefined;
    } while (token);
  }

  /** Keys of a role end after hours; new ones are asked for five minutes before. */
  async #signed(): Promise<AwsClient> {
    if (this.#client && Date.now() < this.#client.until) return this.#client.made;
    const { accessKey, secretKey, region = "us-east-1" } = this.#server;
    const keys: Keys =
      accessKey && secretKey ? { accessKeyId: accessKey, secretAccessKey: secretKey } : await keysOf(this.#env);
    const { expires, ...own } = keys;
    const made = new AwsClient({ ...own, service: "s3", region, retries: 6, initRetryMs: 200 });
    this.#client = { made, until: expires === undefined ? Number.POSITIVE_INFINITY : expires - 300_000 };
    return made;
  }
}

/** `/bucket/key` with every part of the key written as S3 signs it. */
export function pathOf(bucket: string, key?: string): string {
  if (key === undefined) return `/${bucket}`;
  const escaped = encodeURIComponent(key).replace(
    /[!'()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `/${bucket}/${escaped.replaceAll("%2F", "/")}`;
}

async function* buffers(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Buffer> {
  if (!body) return;
  for await (const piece of body) yield Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
}
