import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate, zstdDecompress } from "node:zlib";
import { CallError } from "./call-error.ts";

/** Bytes of a request: pictures and sound are in it. */
export const bodyLimit = 32 * 1024 * 1024;

const unpack = {
  gzip: promisify(gunzip),
  "x-gzip": promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
  zstd: promisify(zstdDecompress),
};

/**
 * A body as it was before its client compressed it.
 *
 * @throws CallError for another coding, for what is none, and for more than a request may have
 */
export async function unpacked(body: Buffer, coding: string | undefined): Promise<Buffer> {
  const name = (coding ?? "identity").trim().toLowerCase();
  if (name === "identity" || name === "") return body;
  if (!(name in unpack)) {
    const known = Object.keys(unpack).join(", ");
    throw new CallError(415, "unsupported_encoding", `The body is packed as ${name.slice(0, 50)}: ${known} are read.`);
  }
  try {
    return await unpack[name as keyof typeof unpack](body, { maxOutputLength: bodyLimit });
  } catch (error) {
    if ((error as { code?: string }).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge();
    throw new CallError(400, "invalid_body", `The body cannot be unpacked as ${name}.`);
  }
}

/**
 * JSON under any name: `curl -d` calls it a form, and some programs call it nothing.
 *
 * @throws CallError
 */
export function demandJson(body: Buffer, contentType: string | undefined): void {
  let at = 0;
  while (at < body.length && (body[at] as number) <= 32) at++;
  if (body[at] === 0x7b) return;
  const named = contentType === undefined ? "without a type" : `of the type ${contentType.slice(0, 100)}`;
  throw untyped(named);
}

export function untyped(named: string): CallError {
  return new CallError(
    415,
    "unsupported_type",
    `The body is ${named}. Send JSON, with content-type: application/json.`,
  );
}

export function tooLarge(): CallError {
  return new CallError(413, "request_too_large", "The request is larger than 32 MiB.");
}
