import { secret } from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { sdk } from "../../components/sdk.ts";
import { type ChildTransform, each, eachOptions, transforming } from "../../components/transform.ts";
import { declared } from "../../installer/declared/declared.ts";
import { isSecret } from "../../installer/engine/values.ts";
import { exampleSettings } from "../../installer/pulumi/examples.ts";
import { resolveSettings } from "../../stacks/config/index.ts";

/**
 * A transform reaches a resource when what it does to the inputs is registered. Marking an input as a secret can be done to
 * every resource of every kind, and changes nothing for those that are told its value.
 */
describe.each(["onprem", "saas", "dedicated", "local"] as const)("a stack of kind %s", (kind) => {
  it("lets a transform at each of its resources, at whatever depth it is made", async () => {
    const marked: string[] = [];
    const settings = settingsOf(kind);
    const { goals, errors } = await transforming([marking(marked)], () => declared(settings));
    expect(errors).toEqual([]);
    const custom = goals.filter((goal) => goal.custom);
    expect(custom.length).toBeGreaterThan(40);
    const unreached = custom.filter(
      ({ name, inputs }) =>
        !Object.entries(inputs).some(([key, value]) => isSecret(value) && marked.includes(`${name} ${key}`)),
    );
    expect(unreached.map(({ type, name }) => `${type} ${name}`)).toEqual([]);
  });
});

describe("transforms around a stack", () => {
  it("change one child by its name, after the component's own, and leave the others", async () => {
    const { NodeGroup } = sdk.aws().eks;
    const outer = each(NodeGroup, { amiType: "AL2023_x86_64_STANDARD" }, "acme-requests");
    const inner = each(NodeGroup, (group) => Object.assign(group, { amiType: "CUSTOM" }));
    const { goals } = await transforming([outer], () =>
      transforming([inner], () => declared(exampleSettings("dedicated"))),
    );
    const groups = goals.filter(({ type }) => type === "aws:eks/nodeGroup:NodeGroup");
    const types = Object.fromEntries(groups.map(({ name, inputs }) => [name, inputs.amiType]));
    expect(types["acme-requests"]).toBe("AL2023_x86_64_STANDARD");
    expect(Object.values(types).filter((type) => type === "CUSTOM")).toHaveLength(groups.length - 1);
  });

  it("change options: what is ignored is added to, what is protected and retained is told anew, aliases are named", async () => {
    const { rds, s3 } = sdk.aws();
    const more = eachOptions(rds.Instance, (options) => {
      options.ignoreChanges = [...(options.ignoreChanges ?? []), "instanceClass"];
    });
    const kept = eachOptions(
      s3.Bucket,
      { protect: false, retainOnDelete: true, aliases: [{ name: "before" }] },
      "acme",
    );
    const { goals } = await transforming([more, kept], () => declared(exampleSettings("dedicated")));
    const server = goals.find(({ type }) => type === "aws:rds/instance:Instance");
    expect(server?.ignoreChanges).toEqual(expect.arrayContaining(["engineVersion", "instanceClass"]));
    const buckets = goals.filter(({ type }) => type === "aws:s3/bucket:Bucket");
    const own = buckets.find(({ name }) => name === "acme");
    expect(own).toMatchObject({ protect: false, retainOnDelete: true });
    expect(own?.aliases.join()).toContain("::before");
    expect(buckets.filter(({ protect }) => protect)).toHaveLength(buckets.length - 1);
  });

  it("are gone where their scope ends", async () => {
    const { Deployment } = sdk.kubernetes().apps.v1;
    transforming([each(Deployment, (args) => Object.assign(args, { spec: undefined }))], () => undefined);
    const { goals } = await declared(exampleSettings("saas"));
    const found = goals.filter(({ type }) => type === "kubernetes:apps/v1:Deployment");
    expect(found.length).toBeGreaterThan(0);
    for (const { inputs } of found) expect(inputs.spec).toBeDefined();
  });
});

function settingsOf(kind: "onprem" | "saas" | "dedicated" | "local") {
  if (kind === "local") return resolveSettings({ flags: { profile: "full" }, env: {}, cwd: "/" }).settings;
  // An engine that is named is an input of what has no other.
  return exampleSettings(kind, kind === "onprem" ? ["docker.host=unix:///run/docker.sock"] : []);
}

/** Marks the last input of whatever is made, and writes down which. */
function marking(marked: string[]): ChildTransform {
  return (args: object, { name }) => {
    const inputs = args as Record<string, unknown>;
    const key = Object.keys(inputs).findLast((one) => inputs[one] !== undefined && !needed.includes(one));
    if (key === undefined) return;
    inputs[key] = secret(inputs[key]);
    marked.push(`${name} ${key}`);
  };
}

/** What tells the SDK, or the stand-in for a cloud, what a resource is: that cannot be hidden. */
const needed = ["apiVersion", "kind"];
