/** A JSON schema as far as a form can be made of it. */
export interface Schema {
  type?: string | string[];
  title?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  const?: unknown;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  format?: string;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  $ref?: string;
  $defs?: Record<string, Schema>;
  definitions?: Record<string, Schema>;
}

interface Common {
  name: string;
  label: string;
  description: string | undefined;
  required: boolean;
  default: unknown;
}

/** What is entered for one argument. */
export type Field = Common &
  (
    | { is: "text"; long: boolean }
    | { is: "number"; whole: boolean; min: number | undefined; max: number | undefined }
    | { is: "yes-no" }
    | { is: "choice"; values: unknown[] }
    | { is: "group"; fields: Field[] }
    | { is: "list"; item: Field }
    /** Anything else is entered as JSON. */
    | { is: "json" }
  );

/** What is entered so far: texts, also for numbers and JSON; undefined: nothing. */
export type Draft = string | boolean | undefined | Draft[] | { [name: string]: Draft };

/** Schemas in each other at most; one that refers to itself ends there as JSON. */
const deepest = 5;

/** The form for a tool's arguments. */
export function formOf(schema: Schema): Field & { is: "group" } {
  const fields = Object.entries(schema.properties ?? {}).map(([name, one]) =>
    fieldOf(name, one, schema.required?.includes(name) === true, schema, 0),
  );
  return { is: "group", name: "", label: "", description: undefined, required: true, default: undefined, fields };
}

function fieldOf(name: string, given: Schema, required: boolean, root: Schema, depth: number): Field {
  const schema = plain(given, root);
  const common: Common = {
    ...{ name, label: schema.title ?? given.title ?? name, description: schema.description ?? given.description },
    ...{ required, default: given.default ?? schema.default },
  };
  const type = schema.type ?? (schema.properties ? "object" : undefined);
  if (schema.enum) return { ...common, is: "choice", values: schema.enum };
  if (schema.const !== undefined) return { ...common, is: "choice", values: [schema.const] };
  if (type === "string") {
    const long =
      schema.maxLength === undefined ? /text|body|content|message|prompt|query/i.test(name) : schema.maxLength > 200;
    return { ...common, is: "text", long };
  }
  if (type === "number" || type === "integer")
    return { ...common, is: "number", whole: type === "integer", min: schema.minimum, max: schema.maximum };
  if (type === "boolean") return { ...common, is: "yes-no" };
  if (depth < deepest && type === "object" && Object.keys(schema.properties ?? {}).length > 0) {
    const fields = Object.entries(schema.properties ?? {}).map(([inner, one]) =>
      fieldOf(inner, one, schema.required?.includes(inner) === true, root, depth + 1),
    );
    return { ...common, is: "group", fields };
  }
  if (depth < deepest && type === "array" && schema.items && !Array.isArray(schema.items))
    return { ...common, is: "list", item: fieldOf("", schema.items, true, root, depth + 1) };
  return { ...common, is: "json" };
}

/** Without what makes a schema optional (`null` among its types) and without references. */
function plain(schema: Schema, root: Schema, depth = 0): Schema {
  if (depth > deepest) return {};
  if (schema.$ref !== undefined) {
    const [, where = "", name = ""] = /^#\/(\$defs|definitions)\/([^/]+)$/.exec(schema.$ref) ?? [];
    const found = root[where as "$defs" | "definitions"]?.[name];
    return found ? plain(found, root, depth + 1) : {};
  }
  if (Array.isArray(schema.type)) {
    const types = schema.type.filter((type) => type !== "null");
    const { type: _, ...rest } = schema;
    return types.length === 1 && types[0] !== undefined ? { ...rest, type: types[0] } : rest;
  }
  const others = (schema.anyOf ?? schema.oneOf)?.filter(({ type }) => type !== "null");
  if (!others) return schema;
  if (others.every((one) => one.const !== undefined)) return { ...schema, enum: others.map((one) => one.const) };
  return others.length === 1 && others[0] ? { ...schema, ...plain(others[0], root, depth + 1) } : {};
}

/** What stands in a field before anybody entered anything. */
export function emptyOf(field: Field): Draft {
  if (field.default !== undefined) return draftOf(field, field.default);
  if (field.is === "group") return Object.fromEntries(field.fields.map((one) => [one.name, emptyOf(one)]));
  if (field.is === "list") return [];
  return undefined;
}

/** A value as it is entered. */
export function draftOf(field: Field, value: unknown): Draft {
  if (value === undefined) return undefined;
  switch (field.is) {
    case "group": {
      const given = typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
      return Object.fromEntries(field.fields.map((one) => [one.name, draftOf(one, given[one.name])]));
    }
    case "list":
      return Array.isArray(value) ? value.map((one) => draftOf(field.item, one)) : [];
    case "yes-no":
      return typeof value === "boolean" ? value : undefined;
    case "choice":
    case "json":
      return JSON.stringify(value);
    default:
      return String(value);
  }
}

/** A problem of one field, by its place: `filter.city`, `names.0`. */
export type Problems = Record<string, string>;

/** The arguments that were entered. What was left empty is left out; what is wrong is in `problems`. */
export function argumentsFrom(
  form: Field & { is: "group" },
  draft: Draft,
): { given: Record<string, unknown>; problems: Problems } {
  const problems: Problems = {};
  const given = (entered(form, draft, "", problems) ?? {}) as Record<string, unknown>;
  return { given, problems };
}

function entered(field: Field, draft: Draft, at: string, problems: Problems): unknown {
  const value = read(field, draft, at, problems);
  if (value === undefined && field.required && field.is !== "group" && problems[at] === undefined)
    problems[at] = "Required.";
  return value;
}

function read(field: Field, draft: Draft, at: string, problems: Problems): unknown {
  switch (field.is) {
    case "group": {
      const inner = (typeof draft === "object" && !Array.isArray(draft) ? draft : {}) as Record<string, Draft>;
      // Nobody who leaves an optional group empty has to fill its required fields.
      const found: Problems = {};
      const entries = field.fields.map(
        (one) => [one.name, entered(one, inner[one.name], join(at, one.name), found)] as const,
      );
      const filled = entries.filter(([, value]) => value !== undefined);
      if (filled.length === 0 && !field.required && Object.values(found).every((one) => one === "Required."))
        return undefined;
      Object.assign(problems, found);
      return Object.fromEntries(filled);
    }
    case "list": {
      const items = Array.isArray(draft) ? draft : [];
      if (items.length === 0) return field.required ? [] : undefined;
      return items.map((one, index) => entered(field.item, one, join(at, String(index)), problems));
    }
    case "yes-no":
      return typeof draft === "boolean" ? draft : undefined;
    case "number": {
      if (typeof draft !== "string" || draft.trim() === "") return undefined;
      const number = Number(draft);
      if (!Number.isFinite(number) || (field.whole && !Number.isInteger(number)))
        problems[at] = field.whole ? "Enter a whole number." : "Enter a number.";
      return number;
    }
    case "choice":
    case "json":
      if (typeof draft !== "string" || draft.trim() === "") return undefined;
      try {
        return JSON.parse(draft) as unknown;
      } catch {
        problems[at] = "This is not JSON.";
        return undefined;
      }
    default:
      return typeof draft === "string" && draft !== "" ? draft : undefined;
  }
}

export function join(at: string, name: string): string {
  return at === "" ? name : `${at}.${name}`;
}
