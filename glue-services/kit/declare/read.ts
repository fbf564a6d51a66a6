import type { Static, TObject, TProperties } from "typebox";
import { Value } from "typebox/value";

/**
 * The properties of an object that a schema names, with the schema's defaults.
 *
 * @param at where the object stands, for the error
 * @throws Error that names the property and what it must be, never its value: it may be a secret
 */
export function read<Properties extends TProperties>(
  schema: TObject<Properties>,
  from: Readonly<Record<string, unknown>>,
  at: string,
): Static<TObject<Properties>> {
  const named = Object.keys(schema.properties).filter((name) => from[name] !== undefined);
  const value: unknown = Value.Default(
    schema,
    Object.fromEntries(named.map((name) => [name, Value.Clone(from[name])])),
  );
  if (Value.Check(schema, value)) return value;
  const [first] = Value.Errors(schema, value);
  throw new Error(`${at}${first?.instancePath ?? ""} ${first?.message ?? "is not valid"}.`);
}
