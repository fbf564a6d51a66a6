import type { ErrorObject, ValidateFunction } from "ajv/dist/2020.js";
import { Ajv2020 } from "ajv/dist/2020.js";
import { allowed } from "./allowed.ts";
import { isAddress, isDomain, isEmail, isRange } from "./formats.ts";
import { nearest } from "./nearest.ts";
import { isRecord, leafPaths, pathText, type SchemaNode, type Segments, settingsSchema } from "./paths.ts";
import { redact, redactText, shown } from "./redact.ts";

/** A problem before it is known where its value was written. */
export interface Finding {
  segments: Segments;
  path: string;
  /** The key itself is wrong, so that is what to point at. */
  at: "key" | "value";
  value: unknown;
  allowed: string | undefined;
  suggestion: string | undefined;
  message: string;
}

/** What editors are told: every setting may be missing; inside a list's items what is required stays so. */
export const answersSchema: SchemaNode = withoutRequired(settingsSchema);

/** What is wrong with answers; empty when nothing is. Nothing is changed and no default is filled in. */
export function validateAnswers(value: unknown): Finding[] {
  // One compiled schema serves both, since compiling is most of the work: what is missing is no fault of answers.
  return findings(compiled(settingsSchema), value, (error) => error.keyword !== "required" || inList(error));
}

/** The same for settings that must be complete. */
export function validateSettings(value: unknown): Finding[] {
  return findings(compiled(settingsSchema), value, () => true);
}

/** Compiles a schema that uses our formats and annotations. */
export function compile(schema: object): ValidateFunction {
  // A test checks the schemas against JSON Schema's own; doing it here would cost every start 80 ms.
  const ajv = new Ajv2020({
    allErrors: true,
    verbose: true,
    strict: true,
    strictTypes: false,
    meta: false,
    validateSchema: false,
  });
  ajv.addFormat("email", isEmail);
  ajv.addFormat("domain", isDomain);
  ajv.addFormat("ip", isAddress);
  ajv.addFormat("range", isRange);
  ajv.addVocabulary(["x-allowed", "x-stacks", "x-unit", "x-path", "x-reaches"]);
  return ajv.compile(schema);
}

/** Compiling takes some milliseconds, so it is done once and only when something is validated. */
const compiledSchemas = new Map<SchemaNode, ValidateFunction>();

function compiled(schema: SchemaNode): ValidateFunction {
  const known = compiledSchemas.get(schema) ?? compile(schema);
  compiledSchemas.set(schema, known);
  return known;
}

function findings(validate: ValidateFunction, value: unknown, counts: (error: ErrorObject) => boolean): Finding[] {
  if (validate(value)) return [];
  const byPath = new Map<string, Finding>();
  for (const error of (validate.errors ?? []).filter(counts)) {
    const finding = toFinding(error);
    // A value may break several rules at once; the first names what is allowed already.
    if (!byPath.has(finding.path)) byPath.set(finding.path, finding);
  }
  return [...byPath.values()];
}

/** Inside a list's items what is required stays so. */
function inList({ instancePath }: ErrorObject): boolean {
  return segmentsOf(instancePath).some((segment) => typeof segment === "number");
}

function toFinding(error: ErrorObject): Finding {
  const schema = (error.parentSchema ?? {}) as SchemaNode;
  const parent = segmentsOf(error.instancePath);
  if (error.keyword === "additionalProperties") return unknownKey(error, schema, parent);
  if (error.keyword === "required") return missing(error, schema, parent);
  return wrongValue(error, schema, parent);
}

function unknownKey(error: ErrorObject, schema: SchemaNode, parent: Segments): Finding {
  const key = String(error.params.additionalProperty);
  const names = Object.keys(schema.properties ?? {});
  const near = nearest(key, names);
  const section = pathText(parent);
  // A setting written at the wrong depth, such as `port` at the top, is found by its last name.
  const suggestion = near
    ? pathText([...parent, near])
    : leafPaths.find((path) => path.endsWith(`.${key}`) && !names.includes(key));
  const path = redactText(pathText([...parent, key]));
  return {
    segments: [...parent, key],
    path,
    at: "key",
    value: redact(isRecord(error.data) ? error.data[key] : undefined, key),
    allowed: `one of ${names.join(", ")}`,
    suggestion,
    message: `${path} is no setting${section ? ` of ${section}` : ""}; ${suggestion ? `did you mean ${suggestion}?` : `known are ${names.join(", ")}.`}`,
  };
}

function missing(error: ErrorObject, schema: SchemaNode, parent: Segments): Finding {
  const key = String(error.params.missingProperty);
  const path = pathText([...parent, key]);
  const words = allowed(schema.properties?.[key] ?? {});
  return {
    segments: [...parent, key],
    path,
    at: "value",
    value: undefined,
    allowed: words,
    suggestion: undefined,
    message: `${path} is missing; give it ${words}.`,
  };
}

function wrongValue(error: ErrorObject, schema: SchemaNode, segments: Segments): Finding {
  const path = pathText(segments);
  const words = allowed(schema);
  const value = redact(error.data, String(segments.at(-1) ?? ""));
  const suggestion = suggestValue(error.data, schema);
  const meant = suggestion ? `; did you mean ${suggestion}?` : ".";
  return {
    segments,
    path,
    at: "value",
    value,
    allowed: words,
    suggestion,
    message: `${path || "The file"} is ${shown(value)}, but must be ${words}${meant}`,
  };
}

/** The value in the form the schema wants, where a person most likely meant it. */
function suggestValue(value: unknown, schema: SchemaNode): string | undefined {
  const text = typeof value === "string" ? value.trim() : "";
  if (schema.enum) return text ? nearest(text, schema.enum.map(String)) : undefined;
  if (schema.type === "boolean") {
    if (/^(yes|on|true|1)$/i.test(text)) return "true";
    return /^(no|off|false|0)$/i.test(text) ? "false" : undefined;
  }
  if (schema.type === "integer" || schema.type === "number") {
    const number = Number(text);
    const fits = text !== "" && Number.isInteger(number) && (schema.const === undefined || number === schema.const);
    const inRange = number >= (schema.minimum ?? number) && number <= (schema.maximum ?? number);
    return fits && inRange ? `${number} (without quotes)` : undefined;
  }
  if (schema.type === "string" && (typeof value === "number" || typeof value === "boolean")) return `"${value}"`;
  return undefined;
}

function segmentsOf(pointer: string): Segments {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

function withoutRequired(node: SchemaNode): SchemaNode {
  if (!node.properties) return node;
  const { required: _, ...rest } = node;
  const properties = Object.entries(node.properties).map(([key, inner]) => [key, withoutRequired(inner)] as const);
  return { ...rest, properties: Object.fromEntries(properties) };
}
