import { createHash } from "node:crypto";
import type { Caller } from "../callers.ts";
import type { Plan } from "../routing/plan.ts";
import type { Asked, Body } from "../wire/shape.ts";

/** Where an answer to a question is kept. */
export interface Place {
  /** Of the whole question. */
  question: Buffer;
  /** Of all but what was said last. */
  scope: Buffer;
  /** What was said last, where that is a text alone; undefined: only the same question will do. */
  last: string | undefined;
}

/** Fields that say for whom it is asked, not what. */
const aside = new Set(["user", "metadata", "safety_identifier", "prompt_cache_key"]);

/** Undefined for what must be asked each time: it changes something at the provider, or is no text. */
export function placeOf(caller: Caller, asked: Asked, plan: Plan, policy: string): Place | undefined {
  const { body, surface, path } = asked;
  if (
    surface !== "chat" &&
    surface !== "responses" &&
    surface !== "messages" &&
    surface !== "completions" &&
    surface !== "embeddings"
  )
    return undefined;
  if (body.previous_response_id || body.conversation || body.background || body.store === true) return undefined;
  if (typeof body.n === "number" && body.n > 1) return undefined;
  const models = plan.candidates
    .map(({ id, provider: { base, organisation } }) => `${organisation ?? ""} ${base.href} ${id}`)
    .sort();
  const head = `${caller.organisation}\n${path}\n${asked.beta ?? ""}\n${models.join("\n")}\n${policy}\n`;
  const last = surface === "embeddings" ? undefined : lastSaid(body);
  return {
    question: digest(head + stable(body)),
    scope: digest(head + stable(last ? { ...body, [last.field]: last.rest } : body)),
    last: last?.text,
  };
}

/** The last thing a person said, and the question without it. Tools may do anything, so their answers are never alike. */
function lastSaid(body: Body): { field: string; text: string; rest: unknown } | undefined {
  if (Array.isArray(body.tools) && body.tools.length > 0) return undefined;
  const field = Array.isArray(body.messages) ? "messages" : "input";
  const said = body[field];
  if (typeof said === "string") return { field, text: said, rest: null };
  if (!Array.isArray(said)) return undefined;
  const last = said.at(-1) as { role?: string; content?: unknown } | undefined;
  if (last?.role !== "user") return undefined;
  const text = textAlone(last.content);
  return text === undefined ? undefined : { field, text, rest: said.slice(0, -1) };
}

function textAlone(content: unknown): string | undefined {
  if (typeof content === "string") return content;
  if (!Array.isArray(content) || content.length !== 1) return undefined;
  const [part] = content as { text?: unknown }[];
  return typeof part?.text === "string" ? part.text : undefined;
}

/**
 * What must be the same for two texts to mean the same, however alike they look as a whole: numbers, names with capitals
 * inside of a sentence, what stands in quotes or code, and words that turn a sentence round.
 */
export function marksOf(text: string): string[] {
  const marks = markPatterns.flatMap((pattern) => text.match(pattern) ?? []);
  return [...new Set(marks.map((mark) => mark.toLowerCase()))].sort();
}

const markPatterns = [
  /\d[\d.,:/-]*/g,
  /(?<=[\p{Ll},;] )\p{Lu}[\p{L}\d-]+/gu,
  /`[^`]{1,200}`|"[^"]{1,200}"/g,
  /\b\w+[_/\\@.]\w+\b/g,
  /\b(?:not|no|never|without|except|un\w{3,}|non\w{3,}|\w+n't|nicht|kein\w*|ohne|pas|sans)\b/gi,
];

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/** JSON with sorted names, so that the order in which a client writes its fields makes no difference. */
function stable(value: unknown, top = true): string {
  if (Array.isArray(value)) return `[${value.map((one) => stable(one, false)).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const names = Object.keys(value)
    .sort()
    .filter((name) => !(top && aside.has(name)));
  return `{${names.map((name) => `${JSON.stringify(name)}:${stable((value as Record<string, unknown>)[name], false)}`).join(",")}}`;
}
