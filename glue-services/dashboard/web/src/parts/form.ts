import { type FormEvent, useState } from "react";
import type { Static, TObject } from "typebox";
import { Value } from "typebox/value";

export interface Form<Values> {
  values: Values;
  /** Complaints about fields that were left or sent, by name. */
  errors: Partial<Record<keyof Values, string>>;
  set<Name extends keyof Values>(name: Name, value: Values[Name]): void;
  /** Properties of an input for text. */
  field(name: keyof Values): {
    value: string;
    error: string | undefined;
    onChange(event: { currentTarget: { value: string } }): void;
    onBlur(): void;
  };
  busy: boolean;
  /** What the last attempt failed with; everything that was typed is still there. */
  failure: Error | undefined;
  submit(event: FormEvent): void;
}

/** A form that is checked as one types, by the schema with which the API checks it. */
export function useForm<Schema extends TObject>(
  schema: Schema,
  initial: Static<Schema>,
  send: (values: Static<Schema>) => Promise<unknown>,
): Form<Static<Schema>> {
  type Values = Static<Schema>;
  const [values, setValues] = useState<Values>(initial);
  const [touched, setTouched] = useState<Set<keyof Values>>(new Set());
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Error>();
  const all = complaints(schema, values);
  const errors = Object.fromEntries(Object.entries(all).filter(([name]) => touched.has(name as keyof Values)));

  const set: Form<Values>["set"] = (name, value) =>
    setValues((before) => ({ ...(before as object), [name]: value }) as Values);
  const touch = (name: keyof Values) => setTouched((before) => new Set(before).add(name));
  return {
    values,
    errors: errors as Form<Values>["errors"],
    set,
    field: (name) => ({
      value: String((values as Record<PropertyKey, unknown>)[name] ?? ""),
      error: (errors as Record<PropertyKey, string>)[name],
      onChange: (event) => set(name, event.currentTarget.value as never),
      onBlur: () => touch(name),
    }),
    busy,
    failure,
    async submit(event) {
      event.preventDefault();
      setTouched(new Set(Object.keys(schema.properties) as (keyof Values)[]));
      if (Object.keys(all).length > 0) return;
      setBusy(true);
      setFailure(undefined);
      try {
        await send(values);
      } catch (error) {
        setFailure(error as Error);
      } finally {
        setBusy(false);
      }
    },
  };
}

function complaints(schema: TObject, values: unknown): Record<string, string> {
  const found: Record<string, string> = {};
  for (const error of Value.Errors(schema, values)) {
    const name = error.instancePath.split("/")[1] ?? "";
    const empty = (values as Record<string, unknown>)[name] === "";
    if (name && !found[name]) found[name] = worded(error, empty, schema.properties[name] as { description?: string });
  }
  return found;
}

function worded(
  { keyword, params }: { keyword: string; params?: object },
  empty: boolean,
  { description }: { description?: string },
): string {
  if (keyword === "pattern" && !empty) return description ?? "This has characters that are not allowed here.";
  const limit = (params as { limit?: number } | undefined)?.limit;
  if (keyword === "minLength" || keyword === "pattern")
    return limit && limit > 1 ? `At least ${limit} characters.` : "Required.";
  if (keyword === "maxLength") return `At most ${limit} characters.`;
  if (keyword === "minItems") return "Choose at least one.";
  if (keyword === "format") return "This is not a valid address.";
  if (keyword === "minimum" || keyword === "exclusiveMinimum") return `At least ${limit}.`;
  if (keyword === "maximum" || keyword === "exclusiveMaximum") return `At most ${limit}.`;
  if (keyword === "type") return "This is not a number.";
  return "This is not valid.";
}
