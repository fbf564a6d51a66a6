import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import type { Goal } from "../../../installer/engine/index.ts";
import { reveal } from "../../../installer/engine/values.ts";
import type { Schema } from "./strict.ts";

/** What an operator's kind may have, by `apiVersion kind`. */
const definitions = new Map(
  readFileSync(new URL("definitions.jsonl", import.meta.url), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { apiVersion: string; kind: string; spec: Schema })
    .map(({ apiVersion, kind, spec }) => [`${apiVersion} ${kind}`, spec]),
);

const ajv = new Ajv({ strict: false, allErrors: true });

/** What is wrong with objects of operators' kinds, by the operators' own definitions; none are known to Kubernetes itself. */
export function definitionProblems(goals: Goal[]): string[] {
  return goals.filter(isOperators).flatMap(({ type, name, inputs }) => {
    const { apiVersion, kind, spec } = reveal(inputs) as Record<string, unknown>;
    const schema = definitions.get(`${apiVersion} ${kind}`);
    if (!schema) return [`${type} ${name}: there is no definition of it`];
    ajv.validate(schema, spec);
    return (ajv.errors ?? []).map(({ instancePath, message, params }) => {
      return `${type} ${name}: spec${instancePath} ${message} ${JSON.stringify(params)}`;
    });
  });
}

/** Kinds that Kubernetes itself does not have: their group is a domain that is not its own. */
export function isOperators({ type }: Goal): boolean {
  const group = /^kubernetes:([^/:]+)\/\w+:/.exec(type)?.[1] ?? "";
  return group.includes(".") && (!group.endsWith(".k8s.io") || group === "gateway.networking.k8s.io");
}
