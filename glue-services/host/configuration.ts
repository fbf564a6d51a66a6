import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Static, Type } from "typebox";
import { Value } from "typebox/value";

/**
 * The file that SERVICES_CONFIG names: JSON, mode 0600, since much in it is secret. Which resources and settings there are
 * is each service's to declare, and is checked where they are handed over.
 */
export const Configuration = Type.Object(
  {
    /** By name. A text that begins with `./` is the path of a file beside this one. */
    resources: Type.Record(Type.String(), Type.Unknown(), { default: {} }),
    /** Sections of devflow.yaml, by name. */
    settings: Type.Record(Type.String(), Type.Unknown(), { default: {} }),
  },
  { additionalProperties: false },
);
export type Configuration = Static<typeof Configuration>;

/** @throws Error that names the file and what is wrong in it, never a value */
export async function readConfiguration(file: string | undefined): Promise<Configuration> {
  if (file === undefined) return { resources: {}, settings: {} };
  const beside = (_key: string, value: unknown) =>
    typeof value === "string" && value.startsWith("./") ? join(dirname(file), value) : value;
  const value: unknown = Value.Default(Configuration, parse(file, await readFile(file, "utf8"), beside));
  if (Value.Check(Configuration, value)) return value;
  const [first] = Value.Errors(Configuration, value);
  throw new Error(`${file}: ${first?.instancePath ?? ""} ${first?.message ?? "is not valid"}.`);
}

function parse(file: string, text: string, reviver: (key: string, value: unknown) => unknown): unknown {
  try {
    return JSON.parse(text, reviver);
  } catch {
    // The parser's own message quotes the text.
    throw new Error(`${file} is not JSON.`);
  }
}
