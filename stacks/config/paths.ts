import { Settings } from "./schema.ts";

/** Part of a JSON Schema, with our annotations, as this folder reads it. */
export interface SchemaNode {
  title?: string;
  description?: string;
  type?: string;
  properties?: Record<string, SchemaNode>;
  required?: string[];
  items?: SchemaNode;
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  examples?: unknown[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  format?: string;
  additionalProperties?: boolean;
  "x-allowed"?: string;
  "x-stacks"?: readonly string[];
  "x-unit"?: string;
  "x-path"?: boolean;
  "x-reaches"?: boolean;
}

export type Segments = (string | number)[];

/** One setting: everything that is not a section. Lists are one setting. */
export interface Leaf {
  /** `network.port` */
  path: string;
  schema: SchemaNode;
  /** Path of the section around it that may be missing altogether, such as `secrets.onepassword`. */
  within: string | undefined;
}

export const settingsSchema = Settings as unknown as SchemaNode;

/** Every setting in the schema's order. */
export const leaves: readonly Leaf[] = leavesOf(settingsSchema, [], undefined);

export const leafPaths: readonly string[] = leaves.map((leaf) => leaf.path);

/** Schema of a section or a setting; undefined when there is none of that path. */
export function schemaAt(segments: Segments): SchemaNode | undefined {
  return segments.reduce<SchemaNode | undefined>(
    (node, key) => (typeof key === "number" ? node?.items : ownProperty(node?.properties, key)),
    settingsSchema,
  );
}

export function isSection(schema: SchemaNode): boolean {
  return schema.properties !== undefined;
}

/** Whether a value of it is written as JSON where only text can stand: lists, sections, and records of any names. */
export function isStructured(schema: SchemaNode): boolean {
  return schema.type === "array" || schema.type === "object";
}

/** `models.providers[0].key` */
export function pathText(segments: Segments): string {
  return segments.reduce<string>(
    (text, key) => (typeof key === "number" ? `${text}[${key}]` : text === "" ? key : `${text}.${key}`),
    "",
  );
}

/** Takes a value apart into its settings. Sections that are empty or null give none; unknown keys are left out. */
export function flatten(value: unknown, prefix = ""): Map<string, unknown> {
  const found = new Map<string, unknown>();
  for (const { path } of leaves) {
    if (prefix !== "" && path !== prefix && !path.startsWith(`${prefix}.`)) continue;
    const rest = path.slice(prefix === "" ? 0 : prefix.length + 1);
    const leaf = rest === "" ? value : getIn(value, rest.split("."));
    if (leaf !== undefined) found.set(path, leaf);
  }
  return found;
}

/** Puts settings together again. */
export function unflatten(values: Iterable<readonly [string, unknown]>): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const [path, value] of values) {
    const keys = path.split(".");
    const last = keys.pop() as string;
    const section = keys.reduce((node, key) => {
      node[key] ??= {};
      return node[key] as Record<string, unknown>;
    }, root);
    section[last] = value;
  }
  return root;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function getIn(value: unknown, keys: string[]): unknown {
  return keys.reduce<unknown>((node, key) => (isRecord(node) ? ownProperty(node, key) : undefined), value);
}

function ownProperty<T>(record: Record<string, T> | undefined, key: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;
}

function leavesOf(node: SchemaNode, segments: string[], within: string | undefined): Leaf[] {
  return Object.entries(node.properties ?? {}).flatMap(([key, schema]): Leaf[] => {
    const path = [...segments, key];
    if (!isSection(schema)) return [{ path: path.join("."), schema, within }];
    const optional = node.required?.includes(key) ? within : (within ?? path.join("."));
    return leavesOf(schema, path, optional);
  });
}
