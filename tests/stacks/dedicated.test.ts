import { beforeAll, describe, expect, it } from "vitest";
import { declared } from "../../installer/declared/declared.ts";
import type { Evaluation, Goal } from "../../installer/engine/index.ts";
import { exampleSettings } from "../../installer/pulumi/examples.ts";
import { judge } from "../../policy/rules/index.ts";
import { tree } from "./tree.ts";

describe("a dedicated stack", () => {
  let made: Evaluation;
  beforeAll(async () => {
    made = await declared(exampleSettings("dedicated"));
  });
  const of = (type: string): Goal[] => made.goals.filter((goal) => goal.type === type);

  it("declares these resources of a customer's account", async () => {
    expect(made.errors).toEqual([]);
    await expect(tree(made.goals)).toMatchFileSnapshot("golden/dedicated.txt");
  });

  it("keeps every promise of the policy pack", () => {
    expect(judge(made.goals.map((goal) => ({ ...goal, dependencies: goal.propertyDependencies })))).toEqual([]);
  });

  it("has its three zones' subnets side by side in the VPC's block, none of them with public addresses", () => {
    const subnets = of("aws:ec2/subnet:Subnet").map(({ inputs }) => inputs);
    expect(subnets.map(({ cidrBlock }) => cidrBlock).sort()).toEqual(
      ["0.0/19", "32.0/21", "40.0/21", "64.0/19", "96.0/21", "104.0/21", "128.0/19", "160.0/21", "168.0/21"]
        .map((rest) => `10.80.${rest}`)
        .sort(),
    );
    expect(new Set(subnets.map(({ availabilityZone }) => availabilityZone)).size).toBe(3);
    expect(subnets.filter(({ mapPublicIpOnLaunch }) => mapPublicIpOnLaunch)).toEqual([]);
  });

  it("lets databases' subnets nowhere but to S3", () => {
    const table = of("aws:ec2/routeTable:RouteTable").find(({ name }) => name === "acme-data");
    expect(table?.inputs.routes).toEqual([]);
  });

  it("answers on the cluster's API to the operators only", () => {
    const [cluster] = of("aws:eks/cluster:Cluster");
    expect(cluster?.inputs.vpcConfig).toMatchObject({
      endpointPrivateAccess: true,
      endpointPublicAccess: true,
      publicAccessCidrs: ["203.0.113.7/32"],
    });
  });

  it("encrypts the cluster's secrets and the nodes' disks with keys of the customer", () => {
    const [cluster] = of("aws:eks/cluster:Cluster");
    expect(cluster?.inputs.encryptionConfig).toMatchObject({ resources: ["secrets"] });
    const [template] = of("aws:ec2/launchTemplate:LaunchTemplate");
    const disks = template?.inputs.blockDeviceMappings as { ebs: { kmsKeyId: string } }[];
    expect(disks.map(({ ebs }) => ebs.kmsKeyId)).toEqual(Array(2).fill(expect.stringContaining("key/acme-data")));
    for (const { inputs } of of("aws:kms/key:Key")) expect(inputs.enableKeyRotation).toBe(true);
  });

  it("runs what keeps no data on spare capacity of several kinds, and shuts everything else out of it", () => {
    const groups = of("aws:eks/nodeGroup:NodeGroup");
    const spot = groups.filter(({ inputs }) => inputs.capacityType === "SPOT");
    expect(spot.map(({ name }) => name)).toEqual(["acme-requests"]);
    expect(spot[0]?.inputs.instanceTypes).toHaveLength(5);
    expect(spot[0]?.inputs.taints).toMatchObject([{ effect: "NO_SCHEDULE" }]);
    expect(groups.filter(({ inputs }) => inputs.capacityType === "ON_DEMAND").map(({ name }) => name)).toEqual([
      ...["a", "b", "c"].map((zone) => `acme-data-${zone}`),
      "acme-base",
    ]);
  });

  it("keeps nodes and add-ons at the version of the control plane", () => {
    for (const { inputs } of of("aws:eks/nodeGroup:NodeGroup")) {
      expect(inputs).toMatchObject({
        releaseVersion: expect.stringMatching(/^\d/),
        nodeRepairConfig: { enabled: true },
      });
      expect(inputs.version).toBe(of("aws:eks/cluster:Cluster")[0]?.inputs.version);
    }
    for (const { inputs } of of("aws:eks/addon:Addon")) expect(inputs.addonVersion).toMatch(/^v\d/);
  });

  it("locks the vault of copies in compliance mode, which nobody takes off after the days to reconsider", () => {
    const [lock] = of("aws:backup/vaultLockConfiguration:VaultLockConfiguration");
    expect(lock?.inputs).toMatchObject({ minRetentionDays: 30, changeableForDays: 3 });
    expect(lock?.inputs.maxRetentionDays).toBeUndefined();
  });

  it("lets agents sign in by an address of their own machine, and files of every name be read in Git hosting", () => {
    const [acl] = of("aws:wafv2/webAcl:WebAcl");
    const rules = acl?.inputs.rules as { name: string; statement: object }[];
    const common = JSON.stringify(rules.find(({ name }) => name === "AWSManagedRulesCommonRuleSet"));
    for (const rule of ["EC2MetaDataSSRF_QUERYARGUMENTS", "GenericRFI_QUERYARGUMENTS", "RestrictedExtensions_URIPATH"])
      expect(common).toContain(`{"actionToUse":{"count":{}},"name":"${rule}"}`);
    const refused = JSON.stringify(rules.find(({ name }) => name === "addresses"));
    expect(refused).toContain("awswaf:managed:aws:core-rule-set:EC2MetaDataSSRF_QueryArguments");
    for (const open of ["code.", "runtime.", "/api/auth/oauth2/"])
      expect(refused).toContain(`"searchString":"${open}"`);
  });

  it("counts requests by address and host, and not the cluster's own", () => {
    const [acl] = of("aws:wafv2/webAcl:WebAcl");
    const rate = (acl?.inputs.rules as { name: string }[] | undefined)?.find(({ name }) => name === "rate");
    expect(rate).toMatchObject({
      statement: {
        rateBasedStatement: {
          aggregateKeyType: "CUSTOM_KEYS",
          customKeys: [{ ip: {} }, { header: { name: "host" } }],
          scopeDownStatement: { notStatement: { statement: { ipSetReferenceStatement: {} } } },
        },
      },
    });
    const [own] = of("aws:wafv2/ipSet:IpSet");
    expect(own?.inputs.addresses).toHaveLength(of("aws:ec2/natGateway:NatGateway").length);
  });

  it("lets the load balancer's subnets alone reach a routed pod, by the node it runs on", () => {
    const services = of("kubernetes:core/v1:Service").filter(({ name }) => name.endsWith("-route"));
    expect(services.length).toBeGreaterThan(2);
    for (const { inputs } of services) expect(inputs.spec).toMatchObject({ externalTrafficPolicy: "Local" });
    const policies = of("kubernetes:networking.k8s.io/v1:NetworkPolicy").filter(({ name }) => name.endsWith("-route"));
    for (const { inputs } of policies) expect(JSON.stringify(inputs.spec)).not.toContain('"cidr":"10.80.0.0/16"');
  });

  it("gives no role a wildcard over what it may do", () => {
    const policies = of("aws:iam/rolePolicy:RolePolicy").map(({ inputs }) => JSON.parse(String(inputs.policy)));
    const actions = policies.flatMap(({ Statement }) =>
      Statement.flatMap(({ Action }: { Action: string[] }) => Action),
    );
    expect(actions.length).toBeGreaterThan(0);
    expect(actions.filter((action: string) => /^\*$|^\w+:\*$/.test(action))).toEqual([]);
    const resources = policies.flatMap(({ Statement }) =>
      Statement.flatMap((one: { Resource: string[] }) => one.Resource),
    );
    expect(resources.filter((resource: string) => resource === "*")).toEqual([]);
  });

  it("keeps its backups from everybody for as long as was asked", () => {
    const [lock] = of("aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration");
    expect(lock?.inputs.rule).toEqual({ defaultRetention: { mode: "COMPLIANCE", days: 30 } });
    const [vault] = of("aws:backup/vaultLockConfiguration:VaultLockConfiguration");
    expect(vault?.inputs).toMatchObject({ minRetentionDays: 30 });
  });

  it("protects what holds data, and nothing when that is asked for", async () => {
    const holders = ["aws:s3/bucket:Bucket", "aws:kms/key:Key", "aws:eks/cluster:Cluster", "aws:backup/vault:Vault"];
    for (const type of holders) for (const goal of of(type)) expect(goal.protect, goal.urn).toBe(true);
    const open = await declared(exampleSettings("dedicated", ["aws.protect=false"]));
    expect(open.errors).toEqual([]);
    expect(open.goals.filter(({ protect }) => protect)).toEqual([]);
  });

  it("keeps PostgreSQL in two zones, encrypted at rest and on the way, reachable from the cluster alone", () => {
    const [server] = of("aws:rds/instance:Instance");
    expect(server?.inputs).toMatchObject({ multiAz: true, storageEncrypted: true, publiclyAccessible: false });
    expect(server?.inputs).toMatchObject({ backupRetentionPeriod: 30, deletionProtection: true });
    const [parameters] = of("aws:rds/parameterGroup:ParameterGroup");
    expect(parameters?.inputs.parameters).toContainEqual({ name: "rds.force_ssl", value: "1" });
    const group = of("aws:ec2/securityGroup:SecurityGroup").find(({ name }) => name === "acme-postgres");
    expect(group?.inputs.ingress).toMatchObject([{ securityGroups: ["sg-cluster"] }]);
    expect(group?.inputs.ingress).not.toMatchObject([{ cidrBlocks: expect.anything() }]);
  });

  it("leads every host that has a route to it by a rule and a record, behind the firewall", () => {
    const hosts = of("aws:lb/listenerRule:ListenerRule").map(({ inputs }) => {
      const [condition] = inputs.conditions as { hostHeader: { values: string[] } }[];
      return condition?.hostHeader.values[0];
    });
    expect(hosts).toEqual(expect.arrayContaining(["devflow.acme.example", "code.devflow.acme.example"]));
    const records = of("aws:route53/record:Record").flatMap(({ inputs }) => (inputs.type === "A" ? [inputs.name] : []));
    expect(records.sort()).toEqual(hosts.sort());
    expect(of("aws:wafv2/webAclAssociation:WebAclAssociation")).toHaveLength(1);
    const groups = of("aws:lb/targetGroup:TargetGroup").length;
    expect(of("aws:autoscaling/attachment:Attachment")).toHaveLength(groups * of("aws:eks/nodeGroup:NodeGroup").length);
  });

  it("lets each workload at its own bucket only, by the identity of its pods", () => {
    const associations = of("aws:eks/podIdentityAssociation:PodIdentityAssociation");
    const accounts = of("kubernetes:core/v1:ServiceAccount").map(
      ({ inputs }) => (inputs.metadata as { name: string }).name,
    );
    expect(associations.map(({ inputs }) => inputs.serviceAccount)).toContain("code");
    for (const { inputs } of associations) expect(accounts).toContain(inputs.serviceAccount);
    const policy = of("aws:iam/rolePolicy:RolePolicy").find(({ name }) => name === "acme-devflow-code");
    expect(String(policy?.inputs.policy)).toContain("arn:aws:s3:::acme-devflow-code-123456789012-eu-central-1/*");
    expect(of("aws:iam/accessKey:AccessKey")).toEqual([]);
  });

  it("keeps pods with data off the nodes that AWS may take back", () => {
    const pod = ({ inputs }: Goal) => (inputs.spec as { template: { spec: Record<string, unknown> } }).template.spec;
    for (const goal of of("kubernetes:apps/v1:StatefulSet")) {
      expect(pod(goal).nodeSelector, goal.name).toEqual({ "devflow.dev/pool": "data" });
      expect(pod(goal).tolerations, goal.name).toBeUndefined();
    }
    const deployments = of("kubernetes:apps/v1:Deployment");
    expect(deployments.length).toBeGreaterThan(1);
    for (const goal of deployments) expect(pod(goal).tolerations, goal.name).toMatchObject([{ value: "requests" }]);
  });

  it("keeps every generated secret in Secrets Manager under the customer's key", () => {
    const secrets = of("aws:secretsmanager/secret:Secret");
    expect(secrets).toHaveLength(of("devflow:index:GeneratedSecret").length);
    for (const { inputs } of secrets) expect(String(inputs.kmsKeyId)).toContain("key/acme-data");
  });

  it("refuses credentials of another account and tags all it makes", () => {
    const [provider] = of("pulumi:providers:aws");
    expect(JSON.parse(String(provider?.inputs.allowedAccountIds))).toEqual(["123456789012"]);
    expect(String(provider?.inputs.defaultTags)).toContain("Acme Ltd");
  });

  it("cannot be reached from outside where no operator's address is named", async () => {
    const closed = await declared(
      exampleSettings("dedicated", ["aws.operators=[]", "kubernetes.size=small", "kubernetes.ha=false"]),
    );
    const cluster = closed.goals.find(({ type }) => type === "aws:eks/cluster:Cluster");
    expect(cluster?.inputs.vpcConfig).toMatchObject({ endpointPublicAccess: false });
    expect(closed.goals.filter(({ type }) => type === "aws:ec2/natGateway:NatGateway")).toHaveLength(1);
  });
});
