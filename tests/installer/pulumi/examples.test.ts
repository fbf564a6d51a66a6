import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { stackPaths } from "../../../components/provider/paths.ts";
import { programConfig } from "../../../installer/program-config.ts";
import { exampleKinds, exampleSettings } from "../../../installer/pulumi/examples.ts";

/** What Pulumi gives the program of a value in a stack file: text as it is, everything else as JSON. */
function asPulumiGives(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

describe.each(exampleKinds)("Pulumi.%s.yaml", (kind) => {
  it(`gives the program of ${kind} what the installer gives it`, () => {
    const file = parse(readFileSync(new URL(`../../../Pulumi.${kind}.yaml`, import.meta.url), "utf8"));
    const given = Object.entries(file.config).map(([name, value]) => [name, asPulumiGives(value)]);
    const settings = exampleSettings(kind);
    expect(Object.fromEntries(given)).toEqual(programConfig(settings, stackPaths("/", kind)));
    expect(file.secretsprovider).toBe(settings.engine.secretsProvider);
  });
});
