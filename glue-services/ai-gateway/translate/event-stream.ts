import { crc32 } from "node:zlib";

/** One message of Amazon's event stream: headers of text, and a payload. */
export interface StreamMessage {
  headers: Record<string, string>;
  payload: Buffer;
}

export interface MessageSplitter {
  /** @throws Error when a message's sum is wrong */
  push(chunk: Buffer): StreamMessage[];
}

/** Length, length of the headers, and their sum; at the end the sum of it all. All numbers are big-endian. */
const head = 12;
const tail = 4;
const longest = 16 * 1024 * 1024;

/** Splits `application/vnd.amazon.eventstream`, checking the sums that it carries. */
export function splitMessages(): MessageSplitter {
  let pending: Buffer = Buffer.alloc(0);
  return {
    push(chunk) {
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      const messages: StreamMessage[] = [];
      while (pending.length >= head) {
        const length = pending.readUInt32BE(0);
        if (length > longest || length < head + tail || crc32(pending.subarray(0, 8)) !== pending.readUInt32BE(8)) {
          throw new Error("The event stream is damaged.");
        }
        if (pending.length < length) break;
        messages.push(message(pending.subarray(0, length)));
        pending = pending.subarray(length);
      }
      return messages;
    },
  };
}

function message(bytes: Buffer): StreamMessage {
  const end = bytes.length - tail;
  if (crc32(bytes.subarray(0, end)) !== bytes.readUInt32BE(end)) throw new Error("The event stream is damaged.");
  const from = head + bytes.readUInt32BE(4);
  const headers: Record<string, string> = {};
  for (let at = head; at < from; ) {
    const nameLength = bytes.readUInt8(at);
    const name = bytes.toString("utf8", at + 1, at + 1 + nameLength);
    at += 1 + nameLength;
    // Type 7 is text; Bedrock sends no other.
    if (bytes.readUInt8(at) !== 7) throw new Error("The event stream has a header of an unknown type.");
    const length = bytes.readUInt16BE(at + 1);
    headers[name] = bytes.toString("utf8", at + 3, at + 3 + length);
    at += 3 + length;
  }
  return { headers, payload: bytes.subarray(from, end) };
}

/** A message as Bedrock sends it. */
export function encodeMessage(headers: Record<string, string>, payload: Buffer): Buffer {
  const encoded = Buffer.concat(
    Object.entries(headers).map(([name, value]) => {
      const size = Buffer.alloc(2);
      size.writeUInt16BE(Buffer.byteLength(value));
      return Buffer.concat([Buffer.from([name.length]), Buffer.from(name), Buffer.from([7]), size, Buffer.from(value)]);
    }),
  );
  const all = Buffer.alloc(head + encoded.length + payload.length + tail);
  all.writeUInt32BE(all.length, 0);
  all.writeUInt32BE(encoded.length, 4);
  all.writeUInt32BE(crc32(all.subarray(0, 8)), 8);
  encoded.copy(all, head);
  payload.copy(all, head + encoded.length);
  all.writeUInt32BE(crc32(all.subarray(0, all.length - tail)), all.length - tail);
  return all;
}
