import { type Static, Type } from "typebox";
import { CallError } from "./call-error.ts";
import type { Surface } from "./shape.ts";

/**
 * Fields of a body on which money and routing depend. Everything else is the provider's to judge: APIs grow by fields
 * that the gateway need not know.
 */
const range = { minimum: 0, maximum: 1_000_000_000 };
const Count = Type.Integer(range);
const counts = {
  max_tokens: Count,
  max_completion_tokens: Count,
  max_output_tokens: Count,
  n: Count,
  best_of: Count,
};
type CountField = keyof typeof counts;
export type Counts = Partial<Record<CountField, Static<typeof Count> | null>>;

const countFields = Object.keys(counts) as CountField[];
/** What is judged here; servers that read fields without regard to case would take `Model` for it. */
const judged: ReadonlySet<string> = new Set([...countFields, "model", "stream"]);

/** Characters of a model's name. Rows of usage, caches and indexes rely on it. */
const longestName = 200;

/** @throws CallError */
export function demandModelName(name: unknown): asserts name is string {
  if (typeof name !== "string" || name === "" || name.length > longestName) {
    throw new CallError(400, "model_missing", "The body must name a model.", { hint: "GET /v1/models lists them." });
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are looked for.
  if (/[\u0000-\u001f\u007f]/.test(name) || !name.isWellFormed()) {
    throw new CallError(400, "model_missing", "The model's name has characters that no name has.", {
      hint: "GET /v1/models lists them.",
    });
  }
}

/** @throws CallError when a field that the gateway itself relies on is not what it must be */
export function demandInputs(surface: Surface, body: Record<string, unknown>): void {
  for (const field in body) {
    if (!judged.has(field) && judged.has(field.toLowerCase())) {
      throw invalid(`The body has a field ${field}; it is spelled ${field.toLowerCase()}.`);
    }
  }
  for (const field of countFields) {
    const value = body[field];
    if (value === undefined || value === null) continue;
    const { minimum, maximum } = range;
    if (!Number.isInteger(value) || (value as number) < minimum || (value as number) > maximum) {
      throw invalid(`${field} must be a whole number from ${minimum} to ${maximum}.`);
    }
  }
  const { stream, stream_options: options } = body;
  if (stream !== undefined && stream !== null && typeof stream !== "boolean") {
    throw invalid("stream must be true or false.");
  }
  if (options !== undefined && options !== null && !isObject(options))
    throw invalid("stream_options must be an object.");
  if (surface === "chat" || surface === "messages") demandList("messages", body.messages);
  else if (surface === "responses" && typeof body.input !== "string") demandList("input", body.input);
  if (body.tools !== undefined && body.tools !== null) demandList("tools", body.tools);
}

/** A list of objects, whose content, where it is a list, has objects alone. */
function demandList(field: string, list: unknown): void {
  if (list === undefined || list === null) return;
  if (!Array.isArray(list)) throw invalid(`${field} must be a list.`);
  for (const item of list) {
    if (!isObject(item)) throw invalid(`${field} must be a list of objects.`);
    const { content } = item;
    if (Array.isArray(content) && !content.every(isObject))
      throw invalid(`A content in ${field} must be a list of objects.`);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function invalid(message: string): CallError {
  return new CallError(400, "invalid_request", message);
}
