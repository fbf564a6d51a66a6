import type { SchemaNode } from "./paths.ts";

/** What a schema allows, in words. */
export function allowed(schema: SchemaNode): string {
  if (schema["x-allowed"]) return schema["x-allowed"];
  if (schema.enum) return schema.enum.length === 1 ? String(schema.enum[0]) : `one of ${schema.enum.join(", ")}`;
  if (schema.const !== undefined) return String(schema.const);
  if (schema.properties) return `a section with ${Object.keys(schema.properties).join(", ")}`;
  if (schema.type === "array") return `a list${schema.items?.title ? ` of ${schema.items.title.toLowerCase()}s` : ""}`;
  if (schema.type === "boolean") return "true or false";
  if (schema.type === "integer" || schema.type === "number") return numbers(schema);
  return "text";
}

function numbers(schema: SchemaNode): string {
  const unit = schema["x-unit"] ? ` ${schema["x-unit"]}` : "";
  return `a whole number from ${schema.minimum} to ${schema.maximum}${unit}`;
}
