/**
 * Splits a stream of server-sent events by the standard's rules (HTML, 9.2.6): lines end with LF, CR or CRLF, a byte
 * order mark may stand first, empty lines part events. An event comes as text with LF alone and its empty line.
 */
export interface EventSplitter {
  push(chunk: Buffer): string[];
  /** The last event when the stream ended before its empty line. */
  rest(): string[];
}

/** Bytes that one event may have: an image, say. */
const longest = 32 * 1024 * 1024;
const [lf, cr] = [10, 13];
const mark = [0xef, 0xbb, 0xbf];

/** @throws Error when a single event has no end */
export function splitEvents(): EventSplitter {
  let pending: Buffer[] = [];
  let size = 0;
  let begun = false;
  /** The last byte was a CR: an LF that follows belongs to it. */
  let afterReturn = false;
  return {
    push(chunk) {
      let bytes = chunk;
      if (!begun) {
        const head = pending.length > 0 ? Buffer.concat([...pending, chunk]) : chunk;
        if (head.length < mark.length && mark.slice(0, head.length).every((byte, at) => byte === head[at])) {
          pending = [head];
          return [];
        }
        begun = true;
        pending = [];
        bytes = withoutMark(head);
      }
      bytes = plainLines(bytes);
      // An event that comes in many pieces is put together once.
      if (pending.length > 0 && !bytes.includes(lf)) return keep(bytes);
      const all = pending.length > 0 ? Buffer.concat([...pending, bytes]) : bytes;
      const end = all.lastIndexOf("\n\n") + 2;
      pending = [];
      size = 0;
      if (end === 1) return keep(all);
      if (end < all.length) keep(all.subarray(end));
      return split(all.toString("utf8", 0, end));
    },
    rest() {
      const text = Buffer.concat(pending).toString().replace(/\n*$/, "");
      pending = [];
      return text === "" ? [] : split(`${text}\n\n`);
    },
  };

  function keep(bytes: Buffer): string[] {
    size += bytes.length;
    if (size > longest) throw new Error("An event of the stream has no end.");
    if (bytes.length > 0) pending.push(bytes);
    return [];
  }

  /** Most streams have no CR, and are handed on as they are. */
  function plainLines(bytes: Buffer): Buffer {
    if (!afterReturn && !bytes.includes(cr)) return bytes;
    const plain = Buffer.allocUnsafe(bytes.length);
    let length = 0;
    for (const byte of bytes) {
      if (byte !== lf || !afterReturn) plain[length++] = byte === cr ? lf : byte;
      afterReturn = byte === cr;
    }
    return plain.subarray(0, length);
  }
}

/** Bytes without a byte order mark before them. */
export function withoutMark(bytes: Buffer): Buffer {
  return mark.every((byte, at) => byte === bytes[at]) ? bytes.subarray(mark.length) : bytes;
}

function split(text: string): string[] {
  const events: string[] = [];
  for (let from = 0; from < text.length; ) {
    if (text.charCodeAt(from) === lf) {
      from++;
      continue;
    }
    const end = text.indexOf("\n\n", from);
    const to = end === -1 ? text.length : end + 2;
    events.push(text.slice(from, to));
    from = to;
  }
  return events;
}

/** The data of an event; undefined for a comment or one without. */
export function dataOf(event: string): string | undefined {
  if (event.startsWith("data: ") && event.indexOf("\n") === event.length - 2) return event.slice(6, -2);
  const lines = event.split("\n").filter((line) => line.startsWith("data:") || line === "data");
  if (lines.length === 0) return undefined;
  return lines.map((line) => line.slice(line[5] === " " ? 6 : 5)).join("\n");
}

/** The type of an event; undefined when it has none. */
export function typeOf(event: string): string | undefined {
  return /(?:^|\n)event: ?([^\n]*)/.exec(event)?.[1];
}

/** Whether it could be read: data that is an object or `[DONE]`, or no data at all but a field or a comment. */
export function isWellFormed(event: string): boolean {
  const data = dataOf(event)?.trim();
  if (data === undefined) return /(^|\n)(event|id|retry)?:/.test(event);
  return data === "[DONE]" || (data.startsWith("{") && data.endsWith("}"));
}

/** The data of an event as JSON; undefined for one without, for `[DONE]`, and for what cannot be read. */
export function objectOf(event: string): unknown {
  const data = dataOf(event);
  if (data === undefined) return undefined;
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}
