import { Ajv, type ValidateFunction } from "ajv";
import addFormats from "ajv-formats";

/** What strings are made of: a word that a leak can be found by, and an id for whatever wants one. */
export interface Given {
  word: string;
  id: string;
}

interface Schema {
  type?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  default?: unknown;
  minimum?: number;
}

const ajv = new Ajv({ strict: false });
addFormats.default(ajv);
const compiled = new WeakMap<object, ValidateFunction>();

/** Values that a schema accepts, the fullest last: what it requires, that and each optional part, all of them. */
export function variants(schema: unknown, given: Given): unknown[] {
  const { properties = {}, required = [] } = (schema ?? {}) as Schema;
  const optional = Object.keys(properties).filter((name) => !required.includes(name));
  const choices = [[], ...optional.map((name) => [name]), ...(optional.length > 1 ? [optional] : [])];
  return choices.map((more) =>
    Object.fromEntries([...required, ...more].map((name) => [name, value(properties[name], given)])),
  );
}

/** One value that a schema accepts; undefined when none is found. */
export function value(schema: Schema | undefined, given: Given): unknown {
  if (!schema) return undefined;
  if ("const" in schema) return schema.const;
  if (schema.enum) return schema.enum[0];
  if (schema.anyOf) return value(schema.anyOf.find(({ type }) => type !== "null") ?? schema.anyOf[0], given);
  if (schema.type === "object") return variants(schema, given)[0];
  if (schema.type === "array") return [value(schema.items, given)];
  if (schema.type === "boolean") return true;
  if (schema.type === "integer" || schema.type === "number") return schema.default ?? schema.minimum ?? 1;
  return texts(given).find((text) => accepts(schema, text));
}

function texts({ word, id }: Given): string[] {
  return [
    word,
    id,
    word.toUpperCase(),
    `${word}@example.com`,
    `${word}:read`,
    `${word}/${word}`,
    `https://${word}.example/x`,
    `env:${word.toUpperCase()}`,
    "2030-01-01T00:00:00.000Z",
    "2030-01-01",
    "1",
    word.repeat(7).slice(0, 43),
    `${word} copper lantern drifts quietly 42`,
  ];
}

function accepts(schema: Schema, text: string): boolean {
  const validate = compiled.get(schema) ?? ajv.compile(schema);
  compiled.set(schema, validate);
  return validate(text) as boolean;
}
