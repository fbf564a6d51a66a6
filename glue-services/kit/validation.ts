import type { FastifyError } from "fastify";

type Problem = NonNullable<FastifyError["validation"]>[number];
type Params = Record<string, unknown>;

/**
 * A sentence about the first field that a schema refuses, in place of the validator's: it names the field and says what
 * it may be, never a pattern. What a pattern stands for is the field's `description` in its schema.
 *
 * @param schema of the part of the request that was checked, to find the description in
 */
export function validationSentence(problems: readonly Problem[], schema: unknown): string {
  const [problem] = problems;
  if (!problem) return "The request is not as this address needs it.";
  const steps = problem.instancePath.split("/").slice(1).map(unescaped);
  const field = nameOf(steps) || "The body";
  const params = problem.params as Params;
  const known = sentences[problem.keyword];
  if (known) return known(field, params);
  if (problem.keyword === "pattern") {
    const meant = descriptionAt(schema, steps);
    return meant ? `${field} is not valid. ${meant}` : `${field} has characters or a form that are not allowed here.`;
  }
  return `${field} is not valid.`;
}

const sentences: Record<string, (field: string, params: Params) => string> = {
  required: (field, { missingProperty }) =>
    `${field === "The body" ? "" : `${field}.`}${String(missingProperty)} is missing.`,
  minLength: (field, { limit }) =>
    limit === 1 ? `${field} is empty.` : `${field} needs at least ${String(limit)} characters.`,
  maxLength: (field, { limit }) => `${field} may have at most ${plural(limit, "character")}.`,
  minItems: (field, { limit }) => `${field} needs at least ${plural(limit, "entry", "entries")}.`,
  maxItems: (field, { limit }) => `${field} may have at most ${plural(limit, "entry", "entries")}.`,
  uniqueItems: (field) => `${field} names the same entry twice.`,
  minimum: (field, { limit }) => `${field} must be ${String(limit)} or more.`,
  maximum: (field, { limit }) => `${field} must be ${String(limit)} or less.`,
  exclusiveMinimum: (field, { limit }) => `${field} must be more than ${String(limit)}.`,
  exclusiveMaximum: (field, { limit }) => `${field} must be less than ${String(limit)}.`,
  type: (field, { type }) => `${field} must be ${kinds[String(type)] ?? "of another kind"}.`,
  enum: (field, { allowedValues }) => `${field} must be one of ${(allowedValues as unknown[]).map(String).join(", ")}.`,
  const: (field, { allowedValue }) => `${field} must be ${String(allowedValue)}.`,
  format: (field, { format }) => `${field} is not ${formats[String(format)] ?? "valid"}.`,
  additionalProperties: (field, { additionalProperty }) =>
    `${field === "The body" ? "" : `${field}.`}${String(additionalProperty)} is not a field of this request.`,
};

const kinds: Record<string, string> = {
  string: "text",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  null: "null",
};

const formats: Record<string, string> = {
  email: "an e-mail address",
  uuid: "an id",
  uri: "an address with https:// or http://",
  date: "a date such as 2026-01-31",
  "date-time": "a time such as 2026-01-31T12:00:00Z",
};

function plural(count: unknown, one: string, many = `${one}s`): string {
  return `${String(count)} ${count === 1 ? one : many}`;
}

/** `targets`, `1`, `model` is `targets[1].model`, as programs write it. */
function nameOf(steps: readonly string[]): string {
  return steps.reduce((name, step) => (/^\d+$/.test(step) ? `${name}[${step}]` : name ? `${name}.${step}` : step), "");
}

function unescaped(step: string): string {
  return step.replaceAll("~1", "/").replaceAll("~0", "~");
}

function descriptionAt(schema: unknown, steps: readonly string[]): string | undefined {
  let at = schema as Part | undefined;
  for (const step of steps) at = at?.properties?.[step] ?? at?.items;
  return at?.description;
}

interface Part {
  properties?: Record<string, Part>;
  items?: Part;
  description?: string;
}
