import { Value } from "typebox/value";
import { describe, expect, it } from "vitest";
import { declared } from "../../installer/declared/declared.ts";
import { exampleSettings } from "../../installer/pulumi/examples.ts";
import { resolveSettings } from "../../stacks/config/index.ts";
import { stackKinds } from "../../stacks/config/schema/kinds.ts";
import { StackOutputs } from "../../stacks/outputs.ts";

const everything = ["components.code=true", "components.observability=true", "components.errors=true"];
const settingsOf = (kind: (typeof stackKinds)[number]) =>
  kind === "local"
    ? resolveSettings({ set: everything, env: {}, cwd: "/" }).settings
    : exampleSettings(kind, everything);
const kindsOf = (name: string) =>
  (StackOutputs.properties as Record<string, { "x-stacks"?: readonly string[] }>)[name]?.["x-stacks"];

describe.each(stackKinds)("what a stack of kind %s tells others", (kind) => {
  it("is what the schema says, and all of it", async () => {
    const { outputs, errors } = await declared(settingsOf(kind));
    expect(errors).toEqual([]);
    expect(
      Value.Errors(StackOutputs, outputs).map(({ instancePath, message }) => `${instancePath} ${message}`),
    ).toEqual([]);
    for (const name of Object.keys(outputs)) expect(kindsOf(name), name).toContain(kind);
    const told = Object.keys(StackOutputs.properties).filter((name) => kindsOf(name)?.includes(kind));
    // The example of saas has no tenants.
    expect(told.filter((name) => !(name in outputs) && name !== "tenants")).toEqual([]);
  });

  it("has no secret in it", async () => {
    const { outputs, goals } = await declared(settingsOf(kind));
    const text = JSON.stringify(outputs);
    expect(text).not.toContain("4dabf18193072939515e22adb298388d");
    const secrets = goals
      .filter(({ type }) => type === "devflow:index:GeneratedSecret")
      .map(({ inputs }) => inputs.name);
    expect(secrets.length).toBeGreaterThan(3);
    for (const name of secrets) expect(text).not.toContain(`value of ${name}`);
  });
});
