import type { TSchema } from "typebox";
import { Compile, type Validator } from "typebox/compile";
import { DevflowError } from "../../components/error.ts";
import { formatPath } from "./path.ts";
import { hasUnknown, isRecord, type Json, type Properties, revealAll } from "./values.ts";

export interface Problem {
  /** `env.PORT`; empty for the whole. */
  path: string;
  message: string;
}

/** What is wrong with the inputs by the provider's schema. What is not known yet counts as right. */
export function problems(schema: TSchema, inputs: Properties): Problem[] {
  const plain = revealAll(inputs);
  const validator = compiled(schema);
  if (validator.Check(plain)) return [];
  const found = new Map<string, Problem>();
  for (const { keyword, instancePath, message, params } of validator.Errors(plain)) {
    const segments = instancePath.split("/").slice(1).map(unescapePointer);
    // An unknown key is told twice: as a property too many of its parent, and as a value its own schema forbids.
    if (keyword === "boolean" || hasUnknown(valueAt(plain, segments) ?? null)) continue;
    const path = formatPath(segments.map((segment) => (/^\d+$/.test(segment) ? Number(segment) : segment)));
    const extra = "additionalProperties" in params ? `: ${String(params.additionalProperties)}` : "";
    const known = found.get(path);
    found.set(path, { path, message: known ? `${known.message}, or ${message}` : `${message}${extra}` });
  }
  return [...found.values()];
}

/** @throws DevflowError CONFIG_INVALID that names the resource and each path. */
export function checkInputs(schema: TSchema, type: string, name: string, inputs: Properties): void {
  const list = problems(schema, inputs);
  if (list.length === 0) return;
  const lines = list.map(({ path, message }) => `${path === "" ? "the inputs" : path} ${message}`);
  throw new DevflowError("CONFIG_INVALID", `${name} (${type}): ${lines.join("; ")}.`, {
    hint: "Correct the configuration this resource is made from.",
  });
}

// --- internal ---

const validators = new WeakMap<TSchema, Validator>();

function compiled(schema: TSchema): Validator {
  const known = validators.get(schema) ?? (Compile(schema) as Validator);
  validators.set(schema, known);
  return known;
}

function valueAt(value: Json | undefined, segments: string[]): Json | undefined {
  return segments.reduce<Json | undefined>(
    (at, segment) => (Array.isArray(at) ? at[Number(segment)] : isRecord(at) ? at[segment] : undefined),
    value,
  );
}

/** JSON pointers write `/` as `~1` and `~` as `~0`. */
function unescapePointer(segment: string): string {
  return segment.replaceAll("~1", "/").replaceAll("~0", "~");
}
