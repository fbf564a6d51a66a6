/**
 * Servers in Java and .NET write every field they know, with null where there is nothing. The protocol has no null: a
 * client that reads strictly refuses the whole message.
 */

/** Fields in which null is the server's or the tool's own word. */
const own = new Set(["structuredContent", "arguments", "_meta", "data"]);
/** JSON schemas, where null is a word in some places, and nothing in all others. */
const schemas = new Set(["inputSchema", "outputSchema", "requestedSchema"]);
const inSchemas = new Set(["default", "const", "enum", "examples"]);

/** A message as text, without fields of the protocol that are null. */
export function withoutNulls(text: string): string {
  if (!/:\s*null\b/.test(text)) return text;
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return text;
  }
  return JSON.stringify(Array.isArray(message) ? message.map(mended) : mended(message));
}

/** The id of an error may be null, and a result that is null is an empty one. */
function mended(message: unknown): unknown {
  if (!isObject(message)) return message;
  const { id, result, ...rest } = message;
  const answers = "result" in message && (rest.error === null || rest.error === undefined);
  return {
    ...(without(rest, new Set()) as object),
    ...("id" in message && { id }),
    ...(answers && { result: result === null ? {} : without(result, own) }),
  };
}

/** @param kept names of fields whose values stay as they are */
function without(value: unknown, kept: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((one) => without(one, kept));
  if (!isObject(value)) return value;
  const fields = Object.entries(value).flatMap(([name, field]): [string, unknown][] => {
    if (field === null && !(kept === inSchemas && kept.has(name))) return [];
    if (kept.has(name)) return [[name, field]];
    return [[name, without(field, schemas.has(name) ? inSchemas : kept)]];
  });
  return Object.fromEntries(fields);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** Characters of a line that are waited for; a longer one is handed on as it comes, for others to judge its length. */
const longest = 16 * 1024 * 1024;

/** Whole lines out of pieces, each without nulls. */
export function lines(mend: (line: string) => string): { push(part: Uint8Array): string; rest(): string } {
  const decoder = new TextDecoder();
  let left: string[] = [];
  let size = 0;
  return {
    push(part) {
      const text = decoder.decode(part, { stream: true });
      const end = text.lastIndexOf("\n") + 1;
      if (end === 0 && size + text.length <= longest) {
        left.push(text);
        size += text.length;
        return "";
      }
      const whole = left.join("") + (end === 0 ? text : text.slice(0, end));
      left = end === 0 ? [] : [text.slice(end)];
      size = left[0]?.length ?? 0;
      return whole.replaceAll(/[^\n]+/g, mend);
    },
    rest: () => mend(left.join("") + decoder.decode()),
  };
}

/** A server's answer over HTTP, JSON or events. */
export async function mendedAnswer(answer: Response): Promise<Response> {
  const { status, statusText, headers } = answer;
  const type = headers.get("content-type") ?? "";
  if (!answer.body) return answer;
  if (type.includes("application/json")) {
    return new Response(withoutNulls(await answer.text()), { status, statusText, headers });
  }
  if (!type.includes("text/event-stream")) return answer;
  const encoder = new TextEncoder();
  const reading = lines(withoutNullsInEvent);
  const mending = new TransformStream<Uint8Array, Uint8Array>({
    transform: (part, to) => to.enqueue(encoder.encode(reading.push(part))),
    flush: (to) => to.enqueue(encoder.encode(reading.rest())),
  });
  return new Response(answer.body.pipeThrough(mending), { status, statusText, headers });
}

function withoutNullsInEvent(line: string): string {
  const [, head = "", data = ""] = /^(data: ?)(\{.*\})\r?$/s.exec(line) ?? [];
  return data === "" ? line : `${head}${withoutNulls(data)}`;
}
