/** What a provider says of an error, whatever shape its server gives it. */
export interface Told {
  message: string | undefined;
  /** As OpenAI's clients know it; undefined when it gives none, or a number. */
  code: string | undefined;
  param: string | undefined;
  /** What Anthropic says for programs. */
  details: object | undefined;
}

/** Characters of an error that are handed on. */
const longest = 2000;
/** Characters of a body that are looked at. */
const readable = 65_536;

/** Fields in which servers put the text, the most telling first. */
const fields = [
  "error",
  "message",
  "Message",
  "detail",
  "details",
  "errors",
  "msg",
  "error_message",
  "error_description",
  "description",
  "reason",
  "title",
];

/** The error in a body: JSON of any shape, a text, or a page. */
export function errorOf(body: Buffer | string): Told {
  const text = body
    .toString("utf8")
    .slice(0, readable)
    .replace(/^\ufeff/, "")
    .trim();
  const value = jsonOf(text);
  if (value === undefined)
    return { message: shortened(plain(text)), code: undefined, param: undefined, details: undefined };
  return errorIn(value);
}

/** The error in a value that was JSON: an object with `error`, a list of them, `detail`, … */
export function errorIn(value: unknown): Told {
  const [first] = Array.isArray(value) ? value : [value];
  const inner = isObject(first) && isObject(first.error) ? first.error : isObject(first) ? first : {};
  const { code, param, details } = inner;
  return {
    message: shortened(textOf(value, 0)),
    ...{ code: named(code), param: named(param), details: isObject(details) ? details : undefined },
  };
}

function named(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function textOf(value: unknown, depth: number): string | undefined {
  if (depth > 8) return undefined;
  if (typeof value === "string") {
    const nested = jsonOf(value);
    return (nested === undefined ? undefined : textOf(nested, depth + 1)) ?? (plain(value) || undefined);
  }
  if (Array.isArray(value)) {
    const texts = value.flatMap((one) => textOf(one, depth + 1) ?? []);
    return texts.length > 0 ? [...new Set(texts)].join("; ") : undefined;
  }
  return isObject(value) ? textOfObject(value, depth) : undefined;
}

function textOfObject(value: Record<string, unknown>, depth: number): string | undefined {
  for (const field of fields) {
    const text = textOf(value[field], depth + 1);
    if (text === undefined) continue;
    // FastAPI names the place, OpenRouter what the server behind it said.
    const place = Array.isArray(value.loc) ? `${value.loc.join(".")}: ` : "";
    const raw = isObject(value.metadata) ? textOf(value.metadata.raw, depth + 1) : undefined;
    return `${place}${text}${raw !== undefined && raw !== text ? ` (${raw})` : ""}`;
  }
  return undefined;
}

function jsonOf(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A text without the marks of a page. */
function plain(text: string): string {
  if (!/<(!doctype|html|head|body|h1|title|p|center)\b/i.test(text)) return text.trim();
  const seen = text
    .replace(/<(script|style)\b[\s\S]*?(<\/\1\s*>|$)/gi, " ")
    .replace(/<!--[\s\S]*?(-->|$)/g, " ")
    .replace(/<[^>]*>/g, "\n");
  const lines = seen.split("\n").map((line) => line.replace(/\s+/g, " ").trim());
  return [...new Set(lines.filter((line) => line !== ""))].join(". ");
}

function shortened(text: string | undefined): string | undefined {
  if (text === undefined || text === "") return undefined;
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
