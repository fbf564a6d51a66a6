import { type Level, levelOf } from "./level.ts";

/** One line of a log, taken apart. */
export interface LogLine {
  /** Milliseconds since 1970; undefined when the line does not say. */
  at: number | undefined;
  level: Level | undefined;
  /** The whole line where it is no JSON. */
  message: string;
  /** Everything else that a JSON line holds; undefined for other lines. */
  fields: Record<string, unknown> | undefined;
}

const times = ["time", "ts", "timestamp", "@timestamp"];
const messages = ["msg", "message"];
const envelope = new Set([...times, ...messages, "level"]);

/** Takes a line apart: JSON of pino, zap (Caddy) and similar; other lines stay whole, with the time that they begin with. */
export function parseLogLine(text: string): LogLine {
  const level = levelOf(text);
  const json = objectOf(text);
  if (!json) return { at: leading(text), level, message: text, fields: undefined };
  const message = messages.map((name) => json[name]).find((value) => typeof value === "string");
  const rest = Object.entries(json).filter(([name]) => !envelope.has(name) || (messages.includes(name) && !message));
  return {
    at: times.map((name) => timeOf(json[name])).find((at) => at !== undefined),
    level,
    message: typeof message === "string" ? message : "",
    fields: Object.fromEntries(rest),
  };
}

/** Fields in one line, as logfmt writes them; what is nested is shown by its kind. */
export function shortFields(fields: Record<string, unknown>): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${short(value)}`)
    .join(" ");
}

function short(value: unknown): string {
  if (Array.isArray(value)) return `[${value.length}]`;
  if (typeof value === "object" && value !== null) {
    const { message } = value as { message?: unknown };
    return typeof message === "string" ? short(message) : "{…}";
  }
  if (typeof value !== "string") return String(value);
  const line = value.split("\n", 1)[0] ?? "";
  return line !== "" && /^[^\s"=]+$/.test(line) ? line : JSON.stringify(line);
}

function objectOf(text: string): Record<string, unknown> | undefined {
  if (!text.startsWith("{")) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Seconds or milliseconds since 1970, or ISO 8601. */
function timeOf(value: unknown): number | undefined {
  const at =
    typeof value === "number"
      ? value < 1e11
        ? value * 1000
        : value
      : typeof value === "string"
        ? Date.parse(value)
        : Number.NaN;
  return Math.abs(at) <= 8.64e15 ? at : undefined;
}

/** logfmt's `time=`, and PostgreSQL's form in UTC; a time without a zone could be any. */
function leading(text: string): number | undefined {
  const found = /^(?:time|ts)="?([^\s"]+)|^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d+)?) ?(?:UTC|Z)\b/.exec(text);
  if (!found) return undefined;
  return timeOf(found[1] ?? `${found[2]}T${found[3]}Z`);
}
