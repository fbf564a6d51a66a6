import { Value } from "typebox/value";
import { beforeAll, expect, it } from "vitest";
import { providers } from "../../components/provider/index.ts";
import { transforming } from "../../components/transform.ts";
import { declared } from "../../installer/declared/declared.ts";
import type { Goal } from "../../installer/engine/index.ts";
import { reveal } from "../../installer/engine/values.ts";
import { exampleKinds, exampleSettings } from "../../installer/pulumi/examples.ts";
import { resolveSettings } from "../../stacks/config/index.ts";
import { example } from "./saas/manifests.ts";
import { definitionProblems, isOperators } from "./typed/definitions.ts";
import { sourceOf, typeProblems } from "./typed/typescript.ts";

/** What the program gave each resource, before an SDK took from it what it knows. */
interface Given {
  name: string;
  keys: string[];
  Resource: string;
}

const given: Given[] = [];
let goals: Goal[];

/** All that a cluster can have, besides what the examples ask for. */
const everything = {
  ...example,
  ...{ "kubernetes.ha": true, "kubernetes.keda": true, "kubernetes.secretStore": "vault" },
  ...{ "backups.destination": "s3://example-backups/devflow", "backups.secretName": "s3" },
  ...{ "components.search": true, "components.graph": true, "components.cache": true, "components.mailpit": true },
};
const byIngress = { ...example, "kubernetes.ingress.kind": "ingress", "kubernetes.ingress.class": "nginx" };

beforeAll(async () => {
  const stacks = [
    ...exampleKinds.map((kind) => exampleSettings(kind)),
    ...[everything, byIngress].map((flags) => resolveSettings({ flags, env: {}, cwd: "/" }).settings),
  ];
  goals = [];
  for (const settings of stacks) {
    const evaluation = await transforming([remember], () => declared(settings));
    expect(evaluation.errors).toEqual([]);
    goals.push(...evaluation.goals.filter(({ custom, type }) => custom && !type.startsWith("pulumi:providers:")));
  }
});

it("each input of each resource is as the types of its provider's SDK have it, at any depth, and mistakes are found", () => {
  expect(goals.filter(sourceOf).length).toBeGreaterThan(500);
  const mistakes = [
    wrong("kubernetes:apps/v1:Deployment", ({ spec }) => Object.assign(spec, { replica: 2 })),
    wrong("kubernetes:core/v1:Service", ({ spec }) => Object.assign(spec, { ports: [{ port: "http" }] })),
    wrong("docker:index/container:Container", (inputs) => Object.assign(inputs, { memory: "much" })),
    wrong("aws:eks/cluster:Cluster", ({ vpcConfig }) => Object.assign(vpcConfig, { publicAccess: true })),
  ];
  // In one program, since the compiler reads the SDKs' types each time.
  const found = typeProblems([...goals, ...mistakes]);
  expect(found.map((problem) => problem.split(" ").slice(0, 2).join(" "))).toEqual(
    mistakes.map(({ type, name }) => `${type} ${name}:`),
  );
});

it("each object of an operator's kind is as the operator's own definition has it", () => {
  expect(goals.filter(isOperators).length).toBeGreaterThan(30);
  expect(definitionProblems(goals)).toEqual([]);
  const mistake = wrong("kubernetes:postgresql.cnpg.io/v1:Cluster", ({ spec }) => Object.assign(spec, { instance: 3 }));
  expect(definitionProblems([mistake]).join()).toContain('"additionalProperty":"instance"');
});

it("each resource of our own provider is as its schema has it, without anything that the schema does not know", () => {
  const own = goals.filter(({ type }) => type.startsWith("devflow:"));
  expect(own.length).toBeGreaterThan(100);
  const problems = own.flatMap(({ type, name, inputs }) => {
    const schema = providers[type]?.inputs as { properties?: object } | undefined;
    if (!schema) return [`${type}: there is no provider of it`];
    const its = reveal(inputs) as Record<string, unknown>;
    const strange = Object.keys(its).filter((key) => !(key in (schema.properties ?? {})));
    return [
      ...strange.map((key) => `${type} ${name}: ${key} is not known`),
      ...Value.Errors(schema, its).map(({ instancePath, message }) => `${type} ${name}: ${instancePath} ${message}`),
    ];
  });
  expect(problems).toEqual([]);
});

it("every resource is held against one of these", () => {
  const others = goals.filter((goal) => !sourceOf(goal) && !isOperators(goal) && !goal.type.startsWith("devflow:"));
  expect(others.map(({ type }) => type)).toEqual([]);
});

it("nothing that a resource is given is left out by its SDK, which is silent about what it does not know", () => {
  const registered = Map.groupBy(goals, ({ type, name }) => `${type.split(":").at(-1)} ${name}`);
  const dropped = given.flatMap(({ Resource, name, keys }) => {
    const its = registered.get(`${Resource} ${name}`) ?? [];
    return keys.filter((key) => !its.some(({ inputs }) => key in inputs)).map((key) => `${Resource} ${name}: ${key}`);
  });
  expect(given.length).toBeGreaterThan(500);
  expect(dropped).toEqual([]);
});

/** One of the resources with a mistake in it. */
function wrong(type: string, make: (inputs: Record<"spec" | "vpcConfig", object>) => unknown): Goal {
  const goal = structuredClone(goals.find((one) => one.type === type));
  if (!goal) throw new Error(`no ${type} is declared`);
  make(goal.inputs as Record<"spec" | "vpcConfig", object>);
  return { ...goal, name: `wrong-${goal.name}` };
}

function remember(args: object, { Resource, name }: { Resource: unknown; name: string }): void {
  const { kind } = args as { kind?: unknown };
  const own = (Resource as { name: string }).name;
  if (own === "Provider") return;
  const keys = Object.entries(args).flatMap(([key, value]) => (value === undefined ? [] : [key]));
  given.push({ name, keys, Resource: own === "CustomResource" ? String(kind) : own });
}
