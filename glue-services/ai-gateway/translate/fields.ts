import { CallError } from "../wire/call-error.ts";

/** An object of JSON, without fields that are null (`withoutNulls`). */
export type Fields = Record<string, unknown>;

/** A request that no API could read. @param param the place, as `messages[0].content` */
export function invalid(param: string, message: string): CallError {
  return new CallError(400, "invalid_request", `${param} ${message}`, { param });
}

/** What a provider's API has no room for is said, never left out: half a question gets an answer that looks good. */
export function unsupported(param: string, message: string): CallError {
  return new CallError(400, "not_supported", message, { param });
}

/** JSON that is a program's own: null has a meaning there. */
const opaque = new Set(["parameters", "input_schema", "schema", "arguments", "args"]);
/** Objects inside of objects; deeper ones are nobody's request. */
const deepest = 100;

/**
 * JSON in which a field that is null is as if it were not there: clients in Python and Java send every field they know.
 *
 * @throws CallError when it is nested too deep
 */
export function withoutNulls<Value>(value: Value, depth = 0): Value {
  if (typeof value !== "object" || value === null) return value;
  if (depth > deepest) throw new CallError(400, "invalid_request", "The body is nested too deep.");
  if (Array.isArray(value)) return value.map((one) => withoutNulls(one, depth + 1)) as Value;
  const isCall = "toolUseId" in value || ("type" in value && value.type === "tool_use");
  const kept: Fields = {};
  for (const [name, field] of Object.entries(value)) {
    if (field === null || field === undefined) continue;
    kept[name] = opaque.has(name) || (isCall && name === "input") ? field : withoutNulls(field, depth + 1);
  }
  return kept as Value;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function objectAt(value: unknown, at: string): Fields {
  if (isFields(value)) return value;
  throw invalid(at, "must be an object.");
}

/** An object in a field; one that is not there is empty. */
export function objectIn(fields: Fields, name: string): Fields {
  return fields[name] === undefined ? {} : objectAt(fields[name], name);
}

/** A list; one that is not there is empty. */
export function listAt(value: unknown, at: string): unknown[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value;
  throw invalid(at, "must be a list.");
}

/** A list that has something in it. */
export function filledAt(value: unknown, at: string): unknown[] {
  const list = listAt(value, at);
  if (list.length === 0) throw invalid(at, "must have at least one item.");
  return list;
}

export function textAt(value: unknown, at: string): string {
  if (typeof value === "string") return value;
  throw invalid(at, "must be a text.");
}

export function textIn(fields: Fields, name: string, at = ""): string | undefined {
  return fields[name] === undefined ? undefined : textAt(fields[name], `${at}${name}`);
}

export function numberIn(fields: Fields, name: string): number | undefined {
  const value = fields[name];
  if (value === undefined || (typeof value === "number" && Number.isFinite(value))) return value;
  throw invalid(name, "must be a number.");
}

export function booleanIn(fields: Fields, name: string, at = ""): boolean | undefined {
  const value = fields[name];
  if (value === undefined || typeof value === "boolean") return value;
  throw invalid(`${at}${name}`, "must be true or false.");
}

/** The fields of a request: what is translated, what changes no answer, and values that ask for nothing. */
export interface Known {
  translated: readonly string[];
  /** Left out without a word: they say how to serve, not what to answer. */
  hints: readonly string[];
  /** Values that mean the same as leaving the field out. */
  neutral: Record<string, readonly unknown[]>;
}

/** @throws CallError not_supported for a field that would be lost */
export function demandKnown(fields: Fields, { translated, hints, neutral }: Known): void {
  for (const [name, value] of Object.entries(fields)) {
    if (translated.includes(name) || hints.includes(name)) continue;
    if (neutral[name]?.some((one) => JSON.stringify(one) === JSON.stringify(value))) continue;
    throw unsupported(name, `This model's provider speaks another API, which has no field for ${name}.`);
  }
}

/** A text or a number as a text; empty for all else. */
export function wordOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
