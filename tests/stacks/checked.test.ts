import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { exampleSettings } from "../../installer/pulumi/examples.ts";
import { checkedSettings } from "../../stacks/checked.ts";
import { compile } from "../../stacks/config/validate.ts";

const settings = exampleSettings("saas");

describe("settings in a stack's configuration", () => {
  it("are taken as `config pulumi` writes them", () => {
    expect(checkedSettings(structuredClone(settings))).toEqual(settings);
  });

  it("with an unknown key are refused with the nearest that there is", () => {
    const wrong = { ...settings, kubernetes: { ...settings.kubernetes, namespaec: "devflow" } };
    expect(() => checkedSettings(wrong)).toThrow(
      expect.objectContaining({
        code: "CONFIG_INVALID",
        message: expect.stringContaining("did you mean kubernetes.namespace?"),
        hint: expect.stringContaining("./devflow config pulumi"),
      }),
    );
  });

  it("are refused with all that is wrong, also by rules over several of them", () => {
    const { context: _, ...kubernetes } = settings.kubernetes;
    expect(() => checkedSettings({ ...settings, profile: "huge", kubernetes: { ...kubernetes, size: 3 } })).toThrow(
      /profile is "huge"[\s\S]*kubernetes\.size is 3/,
    );
    const { email: __, ...network } = settings.network;
    expect(() => checkedSettings({ ...settings, network })).toThrow(/network\.email is missing/);
  });

  it("that are new since the file was made have their defaults, which a setting without one has not", () => {
    const {
      aws,
      images: { byDigest: _, ...images },
      ...others
    } = settings;
    const filled = checkedSettings({ ...others, images });
    expect(filled.images.byDigest).toBe(true);
    expect(filled.aws).toEqual(aws);
    const {
      network: { domain: __, ...network },
    } = settings;
    expect(() => checkedSettings({ ...settings, network, stack: { kind: "saas" } })).toThrow(/stack\.name is missing/);
  });
});

describe("Pulumi's own check", () => {
  it("knows what the program reads, by types that Pulumi has", () => {
    const project = parse(readFileSync(new URL("../../Pulumi.yaml", import.meta.url), "utf8"));
    expect(project.config).toMatchObject({
      "devflow:target": { type: "string" },
      "devflow:settings": { type: "object", description: expect.stringContaining("kubernetes") },
    });
    for (const kind of ["onprem", "saas", "dedicated"]) {
      const { config } = parse(readFileSync(new URL(`../../Pulumi.${kind}.yaml`, import.meta.url), "utf8"));
      for (const name of Object.keys(project.config)) expect(typeof config[name], name).toMatch(/^(string|object)$/);
    }
  });

  it("is one that editors make of the schema of answers, unknown keys included", () => {
    const read = (name: string) => JSON.parse(readFileSync(new URL(`../../configs/${name}`, import.meta.url), "utf8"));
    const { properties } = read("pulumi-stack.schema.json");
    const named = properties.config.properties["devflow:settings"].$ref;
    const { $schema: _, ...answers } = read(named);
    const validate = compile(answers);
    expect(validate(settings)).toBe(true);
    expect(validate({ ...settings, kubernets: {} })).toBe(false);
  });
});
