import { beforeAll, describe, expect, it } from "vitest";
import { estimate } from "../../installer/cost/estimate.ts";
import { declared } from "../../installer/declared/declared.ts";
import type { Goal } from "../../installer/engine/index.ts";
import { exampleSettings } from "../../installer/pulumi/examples.ts";
import { resolveSettings } from "../../stacks/config/index.ts";

/** Two stacks: the example as it is, for three zones, and a small one with every setting the other way. */
const other = [
  ...["kubernetes.size=small", "kubernetes.ha=false", "aws.networkPolicy=strict", "aws.endpoints=minimal"],
  ...["aws.trail=false", 'aws.alarms=["ops@acme.example"]'],
  'aws.administrators=["arn:aws:iam::123456789012:role/operations"]',
];

describe("what a platform team asks of an account", () => {
  let usual: Goal[] = [];
  let changed: Goal[] = [];
  beforeAll(async () => {
    for (const [flags, keep] of [
      [[], (goals: Goal[]) => (usual = goals)],
      [other, (goals: Goal[]) => (changed = goals)],
    ] as const) {
      const { goals, errors } = await declared(exampleSettings("dedicated", [...flags]));
      expect(errors).toEqual([]);
      keep(goals);
    }
  });
  const of = (goals: Goal[], type: string) => goals.filter((goal) => goal.type === type);

  it("M1: holds network policies from a pod's first moment where that is asked for, and lets the cluster's own pods through first", () => {
    const mode = (goals: Goal[]) => {
      const cni = of(goals, "aws:eks/addon:Addon").find(({ inputs }) => inputs.addonName === "vpc-cni");
      return JSON.parse(String(cni?.inputs.configurationValues)).env.NETWORK_POLICY_ENFORCING_MODE;
    };
    expect(mode(usual)).toBe("standard");
    expect(mode(changed)).toBe("strict");
    const system = (goals: Goal[]) =>
      of(goals, "kubernetes:networking.k8s.io/v1:NetworkPolicy").find(({ name }) => name === "acme-system");
    expect(system(usual)).toBeUndefined();
    expect(system(changed)?.inputs).toMatchObject({
      metadata: { namespace: "kube-system" },
      spec: { podSelector: {}, ingress: [{}], egress: [{}] },
    });
    const names = of(changed, "aws:eks/addon:Addon").find(({ inputs }) => inputs.addonName === "coredns");
    expect(names?.dependencies).toContain(system(changed)?.urn);
    expect(warnings(["aws.networkPolicy=strict"]).join()).toContain("CoreDNS");
  });

  it("M2: gives the last snapshot another name each time that the stack is made, and changes nothing of it later", () => {
    const [server] = of(usual, "aws:rds/instance:Instance");
    expect(server?.inputs.skipFinalSnapshot).toBe(false);
    expect(server?.propertyDependencies.finalSnapshotIdentifier).toEqual([
      expect.stringContaining("SecurityGroup::acme-postgres"),
    ]);
    expect(server?.ignoreChanges).toContain("finalSnapshotIdentifier");
  });

  it("M3: makes every group of logs itself, with an end and the customer's key, before whoever writes to it", () => {
    const groups = of(usual, "aws:cloudwatch/logGroup:LogGroup");
    const [server] = of(usual, "aws:rds/instance:Instance");
    const logs = (server?.inputs.enabledCloudwatchLogsExports ?? []) as string[];
    expect(logs).toContain("postgresql");
    for (const log of logs) {
      const group = groups.find(({ inputs }) => inputs.name === `/aws/rds/instance/acme-postgres/${log}`);
      expect(server?.dependencies, log).toContain(group?.urn);
    }
    expect(groups.map(({ inputs }) => inputs.name)).toContain("/aws/eks/acme/cluster");
    for (const { inputs } of groups) {
      expect(inputs.retentionInDays, String(inputs.name)).toBe(90);
      expect(String(inputs.kmsKeyId), String(inputs.name)).toContain("key/acme-audit");
    }
    const key = of(usual, "aws:kms/key:Key").find(({ name }) => name === "acme-audit");
    expect(String(key?.inputs.policy)).toContain("logs.eu-central-1.amazonaws.com");
    expect(server?.inputs).toMatchObject({ databaseInsightsMode: "standard", performanceInsightsRetentionPeriod: 7 });
  });

  it("M3: tells one topic of what ends a stack before people notice why", () => {
    const alarms = of(usual, "aws:cloudwatch/metricAlarm:MetricAlarm");
    const [topic] = of(usual, "aws:sns/topic:Topic");
    const metrics = alarms.map(({ inputs }) => inputs.metricName);
    for (const metric of [
      ...["FreeStorageSpace", "CPUUtilization", "FreeableMemory", "DatabaseConnections", "HTTPCode_ELB_5XX_Count"],
      ...["BlockedRequests", "NumberOfBackupJobsFailed", "ErrorPortAllocation", "DaysToExpiry"],
    ])
      expect(metrics).toContain(metric);
    for (const { inputs, urn, propertyDependencies } of alarms) {
      expect(inputs.alarmActions, urn).toHaveLength(1);
      expect(propertyDependencies.alarmActions?.join(), urn).toContain("acme-alarms");
      expect(String(inputs.alarmDescription).length, urn).toBeGreaterThan(40);
    }
    expect(String(topic?.inputs.kmsMasterKeyId)).toContain("key/acme-audit");
    const [rule] = of(usual, "aws:cloudwatch/eventRule:EventRule");
    const groups = of(usual, "aws:eks/nodeGroup:NodeGroup").map(({ name }) => `asg-${name}`);
    expect(JSON.parse(String(rule?.inputs.eventPattern)).detail.AutoScalingGroupName).toEqual(groups);
    expect(of(usual, "aws:rds/eventSubscription:EventSubscription")).toHaveLength(1);
    const mails = of(changed, "aws:sns/topicSubscription:TopicSubscription").map(({ inputs }) => inputs.endpoint);
    expect(mails).toEqual(["ops@acme.example"]);
  });

  it("M5: keeps room that AWS never takes back for sign-in, gateways and dashboards, and prefers spare nodes for all else", () => {
    const groups = of(usual, "aws:eks/nodeGroup:NodeGroup");
    const base = groups.find(({ name }) => name === "acme-base");
    expect(base?.inputs).toMatchObject({ capacityType: "ON_DEMAND", scalingConfig: { minSize: 2 } });
    const spare = groups.find(({ name }) => name === "acme-requests");
    expect(base?.inputs.taints).toEqual(spare?.inputs.taints);
    const preferred = (name: string) => {
      const deployment = of(usual, "kubernetes:apps/v1:Deployment").find((one) => one.name === name);
      return JSON.stringify(deployment?.inputs.spec);
    };
    for (const steady of ["platform", "runtime-gateway", "runtime-auth", "dashboards"])
      expect(preferred(steady), steady).toContain('"values":["ON_DEMAND"]');
    for (const one of ["runtime-pictures", "collector"]) expect(preferred(one), one).toContain('"values":["SPOT"]');
  });

  it("C4: has nodes of another instance type there before the former ones go, since AWS ends their group's name", () => {
    for (const { inputs, name } of of(usual, "aws:eks/nodeGroup:NodeGroup")) {
      expect(inputs.nodeGroupName, name).toBeUndefined();
      // With what AWS adds, a name of 63 characters at most.
      expect(String(inputs.nodeGroupNamePrefix), name).toMatch(/^acme-[a-z-]+-$/);
      expect(String(inputs.nodeGroupNamePrefix).length, name).toBeLessThanOrEqual(37);
    }
  });

  it("M6: lets only pods of one account of this very cluster take a role on, and ties the cluster to nobody who is not named", () => {
    const trusts = of(usual, "aws:iam/role:Role").map(({ inputs }) => JSON.parse(String(inputs.assumeRolePolicy)));
    const pods = trusts.filter((trust) => JSON.stringify(trust).includes("pods.eks.amazonaws.com"));
    expect(pods.length).toBeGreaterThan(3);
    for (const { Statement } of pods) {
      expect(Statement[0].Condition.StringEquals).toEqual({
        "aws:RequestTag/eks-cluster-arn": "arn:aws:eks:eu-central-1:123456789012:cluster/acme",
        "aws:RequestTag/kubernetes-namespace": expect.stringMatching(/^(devflow|kube-system)$/),
        "aws:RequestTag/kubernetes-service-account": expect.stringMatching(/^[a-z-]+$/),
      });
    }
    const [cluster] = of(changed, "aws:eks/cluster:Cluster");
    expect(cluster?.inputs.accessConfig).toMatchObject({ bootstrapClusterCreatorAdminPermissions: false });
    expect(cluster?.ignoreChanges).toContain("accessConfig.bootstrapClusterCreatorAdminPermissions");
    expect(of(changed, "aws:eks/accessEntry:AccessEntry").map(({ inputs }) => inputs.principalArn)).toEqual([
      "arn:aws:iam::123456789012:role/operations",
    ]);
  });

  it("M18: leaves out by a setting what another part of the organisation pays for, and tells what logs come to", () => {
    const endpoints = (goals: Goal[]) =>
      of(goals, "aws:ec2/vpcEndpoint:VpcEndpoint").filter(({ inputs }) => inputs.vpcEndpointType === "Interface");
    expect(endpoints(usual)).toHaveLength(8);
    expect(endpoints(changed)).toEqual([]);
    expect(of(usual, "aws:cloudtrail/trail:Trail")).toHaveLength(1);
    expect(of(changed, "aws:cloudtrail/trail:Trail")).toEqual([]);
    const standby = (goals: Goal[]) => of(goals, "aws:rds/instance:Instance")[0]?.inputs.multiAz;
    expect([standby(usual), standby(changed)]).toEqual([true, false]);
    expect(estimate(usual, "us-east-1")?.byUse.join()).toContain("typically $50 to $150 a month");
  });

  it("refuses a block of addresses that the size's nodes use up (low)", () => {
    const flags = ["aws.cidr=10.80.0.0/19", "kubernetes.size=large"];
    expect(() => exampleSettings("dedicated", flags)).toThrow(/aws\.cidr is 10\.80\.0\.0\/19/);
    expect(exampleSettings("dedicated", ["aws.cidr=10.80.0.0/18", "kubernetes.size=large"]).aws.cidr).toBe(
      "10.80.0.0/18",
    );
  });

  it("has the load balancer's newest policy of TLS (low)", () => {
    const listener = of(usual, "aws:lb/listener:Listener").find(({ inputs }) => inputs.protocol === "HTTPS");
    expect(listener?.inputs.sslPolicy).toBe("ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09");
  });
});

function warnings(set: string[]): string[] {
  const flags = { "stack.kind": "dedicated", "aws.account": "123456789012", "aws.zone": "acme.example" };
  const answers = { ...flags, "network.domain": "acme.example", "network.email": "ops@acme.example" };
  return resolveSettings({ flags: answers, set, env: {}, cwd: "/" }).warnings.map(String);
}
