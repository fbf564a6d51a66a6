/** Splits a stream of server-sent events into whole events, as text, each with its empty line. */
export interface EventSplitter {
  push(chunk: Buffer): string[];
  /** What is left when the stream ends: an event that was not finished. */
  rest(): string;
}

/** One event may be this long: an image, say. */
const longest = 32 * 1024 * 1024;

/** @throws Error when a single event has no end */
export function splitEvents(): EventSplitter {
  let pending: Buffer | undefined;
  return {
    push(chunk) {
      const all = pending ? Buffer.concat([pending, chunk]) : chunk;
      const end = endOfLast(all);
      if (end === 0) {
        if (all.length > longest) throw new Error("An event of the stream has no end.");
        pending = all;
        return [];
      }
      pending = end === all.length ? undefined : all.subarray(end);
      const text = all.toString("utf8", 0, end);
      return split(text.includes("\r") ? text.replaceAll("\r\n", "\n") : text);
    },
    rest: () => pending?.toString() ?? "",
  };
}

/** Where the last whole event ends; 0 when there is none. */
function endOfLast(all: Buffer): number {
  const plain = all.lastIndexOf("\n\n");
  const other = all.includes(13) ? all.lastIndexOf("\r\n\r\n") : -1;
  if (plain === -1 && other === -1) return 0;
  return Math.max(plain === -1 ? 0 : plain + 2, other === -1 ? 0 : other + 4);
}

function split(text: string): string[] {
  const events: string[] = [];
  for (let from = 0; from < text.length; ) {
    const end = text.indexOf("\n\n", from);
    const to = end === -1 ? text.length : end + 2;
    if (to - from > 2) events.push(text.slice(from, to));
    from = to;
  }
  return events;
}

/** The data of an event; undefined for a comment or one without. */
export function dataOf(event: string): string | undefined {
  if (event.startsWith("data: ") && event.indexOf("\n") === event.length - 2) return event.slice(6, -2);
  const lines = event.split("\n").filter((line) => line.startsWith("data:"));
  if (lines.length === 0) return undefined;
  return lines.map((line) => line.slice(line[5] === " " ? 6 : 5)).join("\n");
}

/** Whether it could be read: data that is an object or `[DONE]`, or no data at all. */
export function isWellFormed(event: string): boolean {
  if (!/^(data|event|id|retry)?:/.test(event)) return false;
  const data = dataOf(event)?.trim();
  return data === undefined || data === "[DONE]" || (data.startsWith("{") && data.endsWith("}"));
}
