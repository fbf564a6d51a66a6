/**
 * `node tests/stacks/typed/make-definitions.ts`: writes the schemas of the operators' kinds anew, from the Go modules of
 * the releases that tests/e2e/kubernetes/definitions.ts names. All of them are under the Apache License 2.0. What tells
 * people about a field is left out; what a field may be stays.
 */
import { writeFileSync } from "node:fs";
import { customDefinitions } from "../../e2e/kubernetes/definitions.ts";
import { type Schema, strict } from "./strict.ts";

interface Definition {
  spec: {
    group: string;
    names: { kind: string };
    versions: { name: string; schema: { openAPIV3Schema: { properties: Record<string, Schema> } } }[];
  };
}

const lines = ((await customDefinitions()) as unknown as Definition[]).flatMap(({ spec }) =>
  spec.versions.map(({ name, schema }) => {
    const { spec: own = {} } = schema.openAPIV3Schema.properties;
    return JSON.stringify({ apiVersion: `${spec.group}/${name}`, kind: spec.names.kind, spec: strict(own) });
  }),
);
writeFileSync(new URL("definitions.jsonl", import.meta.url), `${lines.sort().join("\n")}\n`);
