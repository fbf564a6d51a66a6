import { describe, expect, it } from "vitest";
import { declared } from "../../installer/declared/declared.ts";
import { exampleKinds, exampleSettings } from "../../installer/pulumi/examples.ts";
import { judge } from "../../policy/rules/index.ts";

describe.each(exampleKinds)("a stack of kind %s", (kind) => {
  it(`${kind} keeps every promise of the policy pack`, async () => {
    const { goals, errors } = await declared(exampleSettings(kind));
    expect(errors).toEqual([]);
    const findings = judge(goals.map((goal) => ({ ...goal, dependencies: goal.propertyDependencies })));
    expect(findings.map(({ rule, urn, message }) => `${rule} ${urn.split("::").at(-1)}: ${message}`)).toEqual([]);
  });
});

it.each(["saas", "dedicated"] as const)("a stack of kind %s that outlives a node does so too", async (kind) => {
  const { goals, errors } = await declared(exampleSettings(kind, ["kubernetes.ha=true"]));
  expect(errors).toEqual([]);
  const findings = judge(goals.map((goal) => ({ ...goal, dependencies: goal.propertyDependencies })));
  expect(findings.map(({ rule, urn, message }) => `${rule} ${urn.split("::").at(-1)}: ${message}`)).toEqual([]);
});
