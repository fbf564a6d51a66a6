import { describe, expect, it } from "vitest";
import type { ImageLock } from "../../components/primitives/image.ts";
import { declared } from "../../installer/declared/declared.ts";
import type { Goal } from "../../installer/engine/index.ts";
import { usedImages } from "../../installer/images/used.ts";
import { exampleSettings } from "../../installer/pulumi/examples.ts";
import { judge } from "../../policy/rules/index.ts";

const resource = ({ type, name, urn, inputs }: Goal) => ({ type, name, urn, inputs });
const digest = `sha256:${"0123456789abcdef".repeat(4)}`;

describe.each(["saas", "dedicated"] as const)("images of a stack of kind %s", (kind) => {
  it("are refused by their tags alone, with the command that writes digests down", async () => {
    const { goals, errors } = await declared(exampleSettings(kind, ["images.byDigest=true"]));
    expect(errors).toEqual([
      expect.objectContaining({ code: "CONFIG_INVALID", hint: expect.stringContaining("./devflow images lock") }),
    ]);
    expect(goals.filter(({ type }) => type === "kubernetes:apps/v1:Deployment")).toEqual([]);
  });

  it("are taken by the digests of the lock, and the services' by that of the setting", async () => {
    const glue = `images.glue=registry.example.com/devflow/glue:0.1.0@${digest}`;
    const settings = exampleSettings(kind, ["images.byDigest=true", glue]);
    const used = await usedImages(settings);
    expect(used.length).toBeGreaterThan(5);
    const lock: ImageLock = Object.fromEntries(
      used.map(({ name, registries: [registry = ""] }) => [name, { registry, digest }]),
    );
    const { goals, errors } = await declared(settings, lock);
    expect(errors).toEqual([]);
    expect(judge(goals.map(resource), ["images-by-digest"]).filter(({ rule }) => rule === "images-by-digest")).toEqual(
      [],
    );
    const [pod] = goals.filter(({ type }) => type === "kubernetes:apps/v1:Deployment");
    const moved = structuredClone(pod);
    if (!moved) throw new Error("no deployment");
    moved.inputs = JSON.parse(JSON.stringify(moved.inputs).replaceAll(`@${digest}`, ""));
    expect(
      judge([resource(moved)], ["images-by-digest"])
        .map(({ message }) => message)
        .join(),
    ).toContain("images lock");
  });
});
