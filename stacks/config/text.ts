import { isStructured, type SchemaNode } from "./paths.ts";

/**
 * Value of a setting that was written as plain text, in a flag or an environment variable. Text that does not fit the
 * type is given back as it is, so that validation names it.
 */
export function fromText(text: string, schema: SchemaNode): unknown {
  if (schema.type === "boolean") {
    if (/^(true|yes|on|1)$/i.test(text)) return true;
    return /^(false|no|off|0)$/i.test(text) ? false : text;
  }
  if (schema.type === "integer" || schema.type === "number") return /^-?\d+$/.test(text.trim()) ? Number(text) : text;
  if (isStructured(schema)) return fromJson(text);
  return text;
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
