import { Ajv, type ValidateFunction } from "ajv";
import { CallError } from "../wire/call-error.ts";
import type { Asked } from "../wire/shape.ts";
import { withinTime } from "./within-time.ts";

/** The JSON schema that an answer was asked to fit; undefined when none was. */
export function formOf({ body }: Asked): object | undefined {
  const format = (body.response_format ?? (body.text as { format?: object } | undefined)?.format) as
    | { type?: string; schema?: object; json_schema?: { schema?: object } }
    | undefined;
  return format?.type === "json_schema" ? (format.json_schema?.schema ?? format.schema) : undefined;
}

/** @throws CallError schema_mismatch */
export function demandForm(schema: object, text: string): void {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    throw mismatch("it is no JSON");
  }
  const fits = withinTime(patience, () => compiled(schema), tooCostly);
  if (withinTime(patience, () => fits(answer), tooCostly)) return;
  throw mismatch(
    (fits.errors ?? [])
      .slice(0, 3)
      .map(({ instancePath, message }) => `${instancePath || "the answer"} ${message}`)
      .join("; "),
  );
}

/** Milliseconds: references to references can double the work with every line of a schema. */
const patience = 250;

function tooCostly(): CallError {
  return new CallError(400, "invalid_request", "The schema takes too long to be checked.", {
    hint: "Make it simpler: fewer references to what has references itself.",
  });
}

function mismatch(why: string): CallError {
  return new CallError(502, "schema_mismatch", `The answer does not fit the schema that was asked for: ${why}.`, {
    hint: "Ask again, or ask a model that keeps to schemas.",
  });
}

const ajv = new Ajv({ strict: false, validateFormats: false, addUsedSchema: false, logger: false });
const known = new Map<string, ValidateFunction>();

/** Patterns are left out: a client's own could take for ever. */
function compiled(schema: object): ValidateFunction {
  const text = JSON.stringify(schema, (name, value) =>
    name === "pattern" && typeof value === "string" ? undefined : name === "patternProperties" ? undefined : value,
  );
  const before = known.get(text);
  if (before) return before;
  if (text.length > 65_536) throw new CallError(400, "invalid_request", "The schema is too long to be checked.");
  let validate: ValidateFunction;
  try {
    const parsed = JSON.parse(text) as object;
    validate = ajv.compile(parsed);
    // Else it keeps every schema that anybody ever sent.
    ajv.removeSchema(parsed);
  } catch (error) {
    throw new CallError(400, "invalid_request", `The schema cannot be read: ${(error as Error).message}`);
  }
  if (known.size >= 200) known.clear();
  known.set(text, validate);
  return validate;
}
