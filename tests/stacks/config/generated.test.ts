import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { generateConfigurationPage, generateSchema } from "../../../stacks/config/generate.ts";
import {
  leaves,
  memoryOf,
  parseAnswers,
  profileNames,
  profiles,
  resolveSettings,
  validateAnswers,
} from "../../../stacks/config/index.ts";
import type { SchemaNode } from "../../../stacks/config/paths.ts";
import { settingsSchema } from "../../../stacks/config/paths.ts";
import { stackKinds } from "../../../stacks/config/schema/kinds.ts";

const root = new URL("../../../", import.meta.url);
const page = () => readFileSync(new URL("docs/configuration.md", root), "utf8");

test("configs/devflow.schema.json is as the settings generate it", () => {
  expect(readFileSync(new URL("configs/devflow.schema.json", root), "utf8")).toBe(generateSchema());
});

test("docs/configuration.md is as the settings generate it", () => {
  expect(page()).toBe(generateConfigurationPage(page()));
  for (const { path } of leaves) expect(page()).toContain(`| \`${path}\` |`);
});

test("the answers file of the documentation is valid", () => {
  const example = /```yaml\n([\s\S]*?)```/.exec(page())?.[1] ?? "";
  expect(resolveSettings({ answers: parseAnswers(example, "devflow.yaml") }).warnings).toEqual([]);
});

test("the JSON Schema is a valid one of draft 2020-12 and accepts what we accept", () => {
  const schema = JSON.parse(generateSchema());
  const ajv = new Ajv2020({ strict: false, logger: false });
  expect(ajv.validateSchema(schema)).toBe(true);
  const validate = ajv.compile(schema);
  expect(validate({ network: { port: 4400 }, models: { providers: [{ name: "a", kind: "openai" }] } })).toBe(true);
  expect(validate({ network: { port: 0 } })).toBe(false);
  expect(validate({ models: { providers: [{ name: "a" }] } })).toBe(false);
});

test("every field has a title, a description, valid examples and a valid default", () => {
  const sections: [string, SchemaNode][] = [];
  const walk = (path: string, node: SchemaNode) => {
    for (const [key, inner] of Object.entries(node.properties ?? {})) {
      sections.push([`${path}${key}`, inner]);
      walk(`${path}${key}.`, inner);
    }
    if (node.items) walk(`${path}*.`, node.items);
  };
  walk("", settingsSchema);
  expect(sections.filter(([, node]) => !node.title || !node.description).map(([path]) => path)).toEqual([]);
  for (const { path, schema } of leaves) {
    expect([path, schema.examples?.length ?? 0]).not.toEqual([path, 0]);
    expect([path, schema["x-stacks"]?.every((kind) => (stackKinds as readonly string[]).includes(kind))]).toEqual([
      path,
      true,
    ]);
    for (const value of [...(schema.examples ?? []), ...(schema.default === undefined ? [] : [schema.default])]) {
      const nested = path.split(".").reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
      expect(validateAnswers(nested)).toEqual([]);
    }
  }
});

test.each(profileNames)("the profile %s states its memory consistently and all it sets", (name) => {
  const profile = profiles()[name];
  const file = parse(readFileSync(new URL(`configs/profiles/${name}.yaml`, root), "utf8"));
  expect(file.name).toBe(name);
  const { settings, sources } = resolveSettings({ flags: { profile: name } });
  expect(memoryOf(settings).total).toBe(profile.memory.total.local);
  const onprem = resolveSettings({ flags: { profile: name, "stack.kind": "onprem" } });
  expect(memoryOf(onprem.settings).total).toBe(profile.memory.total.onprem);
  for (const { path } of leaves.filter((leaf) => /^(components|sizing)\./.test(leaf.path))) {
    expect([path, sources[path]?.from]).toEqual([path, "profile"]);
  }
});

test("profiles grow in memory, and each stays within what it promises", () => {
  const { minimal, standard, full } = profiles();
  expect(minimal.memory.total.local).toBeLessThan(450);
  expect(standard.memory.total.local).toBeLessThan(1.3 * 1024);
  expect(full.memory.total.onprem).toBeGreaterThan(standard.memory.total.onprem);
  expect(full.memory.total.local).toBeGreaterThan(standard.memory.total.local);
  for (const name of ["postgres", "platform", "code"] as const) {
    expect(minimal.memory.components[name]).toBeLessThan(full.memory.components[name]);
  }
});

test("memory counts only what runs", () => {
  const { settings } = resolveSettings({ set: ["components.code=false"] });
  const { total, components } = memoryOf(settings);
  expect(Object.keys(components)).toEqual(["postgres", "proxy", "platform", "storage", "embeddings", "metrics"]);
  expect(total).toBe(profiles().standard.memory.total.local - profiles().standard.memory.components.code);
});
