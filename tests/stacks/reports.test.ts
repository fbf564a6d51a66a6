import { beforeAll, describe, expect, it } from "vitest";
import { declared } from "../../installer/declared/declared.ts";
import type { Goal } from "../../installer/engine/index.ts";
import { exampleSettings } from "../../installer/pulumi/examples.ts";

/** Public reports of people who deploy the same, each held against what is declared. */
describe("what others met on AWS", () => {
  let goals: Goal[] = [];
  beforeAll(async () => {
    const made = await declared(exampleSettings("dedicated", ["aws.networkPolicy=strict"]));
    expect(made.errors).toEqual([]);
    goals = made.goals;
  });
  const of = (type: string) => goals.filter((goal) => goal.type === type);

  it("an upgrade of Kubernetes moves the nodes and the add-ons too (caktus/aws-web-stacks #120, pulumi-eks #1253)", async () => {
    const version = (all: Goal[]) =>
      all.filter(({ type }) => type === "aws:eks/nodeGroup:NodeGroup").map(({ inputs }) => inputs.version);
    expect(new Set(version(goals))).toEqual(new Set(["1.35"]));
    const later = await declared(exampleSettings("dedicated", ["aws.kubernetes=1.36"]));
    expect(new Set(version(later.goals))).toEqual(new Set(["1.36"]));
    for (const { inputs, name } of of("aws:eks/nodeGroup:NodeGroup")) expect(inputs.releaseVersion, name).toBeTruthy();
    for (const { inputs, name } of of("aws:eks/addon:Addon")) expect(inputs.addonVersion, name).toBeTruthy();
  });

  it("clients of MCP sign in by a redirect to their own machine (expense-budget-tracker #280, nx-plugin-for-aws #1016)", () => {
    const rules = of("aws:wafv2/webAcl:WebAcl")[0]?.inputs.rules as {
      name: string;
      action?: object;
      statement: object;
    }[];
    const common = JSON.stringify(rules.find(({ name }) => name === "AWSManagedRulesCommonRuleSet"));
    for (const rule of ["EC2MetaDataSSRF_QUERYARGUMENTS", "GenericRFI_QUERYARGUMENTS"])
      expect(common).toContain(`{"actionToUse":{"count":{}},"name":"${rule}"}`);
    // What is counted there is refused here, but for the paths of sign-in.
    const refused = rules.find(({ name }) => name === "addresses");
    expect(refused?.action).toEqual({ block: {} });
    expect(JSON.stringify(refused?.statement)).toMatch(/"notStatement":.*"searchString":"\/api\/auth\/oauth2\/"/);
  });

  it("policies in a pod's first seconds shut no CoreDNS in (aws-network-policy-agent #553)", () => {
    const system = goals.find(({ type, name }) => type.endsWith(":NetworkPolicy") && name === "acme-system");
    const dns = of("aws:eks/addon:Addon").find(({ inputs }) => inputs.addonName === "coredns");
    expect(dns?.dependencies).toContain(system?.urn);
    // A version that is chosen, so that another one comes only with an update that somebody looks at.
    for (const { inputs, name } of of("aws:eks/addon:Addon")) expect(inputs.addonVersion, name).toMatch(/^v\d/);
  });
});

describe("a kubeconfig with a proxy, or of another address (pulumi-kubernetes #4019)", () => {
  it("is the same provider, by an identifier that it does not change", async () => {
    const providerOf = async (set: string[]) => {
      const { goals, errors } = await declared(exampleSettings("saas", set));
      expect(errors).toEqual([]);
      return goals.find(({ type }) => type === "pulumi:providers:kubernetes")?.inputs;
    };
    const [before, after] = [await providerOf([]), await providerOf(["kubernetes.kubeconfig=./by-a-proxy.kubeconfig"])];
    expect(after?.kubeconfig).not.toEqual(before?.kubeconfig);
    expect(before?.clusterIdentifier).toBe("devflow/cloud");
    expect(after?.clusterIdentifier).toBe(before?.clusterIdentifier);
  });
});
