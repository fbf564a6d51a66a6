/** A schema as a definition of Kubernetes has it. */
export interface Schema {
  [keyword: string]: unknown;
}

/** The same as JSON Schema that refuses every field it does not name, as the API server does when it is asked to be strict. */
export function strict(schema: Schema): Schema {
  const { properties, items, additionalProperties, type, nullable } = schema;
  const kept = Object.fromEntries(Object.entries(schema).filter(([key]) => !told.test(key)));
  const open = schema["x-kubernetes-preserve-unknown-fields"] === true;
  return {
    ...kept,
    ...(schema["x-kubernetes-int-or-string"] === true && { type: ["integer", "string"] }),
    ...(nullable === true && typeof type === "string" && { type: [type, "null"] }),
    ...(isSchema(properties) && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, own]) => [name, strict(own as Schema)])),
      ...(additionalProperties === undefined && !open && { additionalProperties: false }),
    }),
    ...(isSchema(additionalProperties) && { additionalProperties: strict(additionalProperties) }),
    ...(isSchema(items) && { items: strict(items) }),
  };
}

/** Told to people, or done by the server; and choices between fields, which repeat them in part only. */
const told = /^(description|default|example|title|nullable|format|anyOf|oneOf|allOf|x-kubernetes-.*)$/;

function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
