import type { Static, TSchema } from "typebox";
import { Value } from "typebox/value";

/** The JSON of a text, where it is as the schema says; undefined for what is no JSON, and for what is otherwise. */
export function readJson<Schema extends TSchema>(schema: Schema, text: string): Static<Schema> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return Value.Check(schema, value) ? value : undefined;
}
