import type { Goal } from "../engine/index.ts";
import type { Json, Properties } from "../engine/values.ts";
import type { CostItem } from "./estimate.ts";
import type { Prices } from "./prices.ts";

type Priced = CostItem & { goal: Goal };
type Pricing = (inputs: Properties, prices: Prices, goals: Goal[]) => Part[];

/** So much of something at a price a month; without a price the table does not know it. */
interface Part {
  /** How many of what. */
  count: number;
  what: string;
  amount: number;
  price: number | undefined;
}

/** What each resource costs a month at the table's own region; `unknown` is what the table has no price for. */
export function priced(goals: Goal[], prices: Prices): { items: Priced[]; unknown: string[] } {
  const parts = goals.flatMap((goal) =>
    (pricing[goal.type]?.(goal.inputs, prices, goals) ?? []).map((part) => ({ ...part, goal })),
  );
  return {
    items: parts.flatMap(({ count, what, amount, price, goal }) =>
      price === undefined ? [] : [{ count, what, monthly: amount * price, goal }],
    ),
    unknown: [...new Set(parts.filter(({ price }) => price === undefined).map(({ what }) => what))],
  };
}

const pricing: Record<string, Pricing> = {
  "aws:eks/cluster:Cluster": (_, { hourly, hours }) => [part("control plane", hours, hourly.cluster)],
  "aws:eks/nodeGroup:NodeGroup": nodes,
  "aws:ec2/natGateway:NatGateway": (_, { hourly, hours }) => [part("NAT gateway", hours, hourly.natGateway)],
  "aws:ec2/eip:Eip": (_, { hourly, hours }) => [part("public address", hours, hourly.publicAddress)],
  "aws:ec2/vpcEndpoint:VpcEndpoint": ({ vpcEndpointType, subnetIds }, { hourly, hours }) =>
    vpcEndpointType === "Interface"
      ? [part("private endpoint", hours * listOf(subnetIds).length, hourly.endpoint, listOf(subnetIds).length)]
      : [],
  "aws:rds/instance:Instance": database,
  "aws:lb/loadBalancer:LoadBalancer": ({ subnets }, { hourly, hours }) => [
    part("load balancer", hours, hourly.loadBalancer),
    part("load balancer's load", hours, hourly.loadBalancerUnit),
    part("public address", hours * listOf(subnets).length, hourly.publicAddress, listOf(subnets).length),
  ],
  "aws:cloudwatch/metricAlarm:MetricAlarm": (_, { monthly }) => [part("alarm", 1, monthly.alarm)],
  "aws:kms/key:Key": (_, { monthly }) => [part("key", 1, monthly.key)],
  "aws:secretsmanager/secret:Secret": (_, { monthly }) => [part("secret", 1, monthly.secret)],
  "aws:wafv2/webAcl:WebAcl": ({ rules }, { monthly }) => [
    part("firewall", 1, monthly.webAcl),
    part("firewall rule", listOf(rules).length, monthly.webRule, listOf(rules).length),
  ],
  "kubernetes:core/v1:PersistentVolumeClaim": ({ spec }, prices) => [disk(spec, 1, prices)],
  "kubernetes:apps/v1:StatefulSet": ({ spec }, prices) => {
    const { volumeClaimTemplates, replicas } = record(spec);
    return listOf(volumeClaimTemplates).map((claim) => disk(record(claim).spec, Number(replicas ?? 1), prices));
  },
};

/** Nodes at what they are desired to be, with their disks. Of several kinds the dearest: AWS may choose any. */
function nodes(inputs: Properties, { hourly, hours, monthly, spotShare }: Prices, goals: Goal[]): Part[] {
  const { desiredSize } = record(inputs.scalingConfig);
  const count = Number(desiredSize ?? 0);
  const kinds = listOf(inputs.instanceTypes).map(String);
  const prices = kinds.map((kind) => hourly.instances[kind]);
  const dearest = prices.some((price) => price === undefined) ? undefined : Math.max(...(prices as number[]));
  const spot = inputs.capacityType === "SPOT";
  const template = goals.find(({ type }) => type === "aws:ec2/launchTemplate:LaunchTemplate");
  const sizes = listOf(template?.inputs.blockDeviceMappings).map((one) => Number(record(record(one).ebs).volumeSize));
  const gigabytes = sizes.reduce((sum, size) => sum + size, 0);
  return [
    part(`${spot ? "spare node" : "node"} ${kinds[0]}`, count * hours * (spot ? spotShare : 1), dearest, count),
    part("node's disk", count * gigabytes, monthly.disk, count),
  ];
}

function database(inputs: Properties, { hourly, hours, monthly }: Prices): Part[] {
  const kind = String(inputs.instanceClass);
  const copies = inputs.multiAz === true ? 2 : 1;
  const standby = copies === 2 ? " with a standby" : "";
  return [
    part(`database ${kind}${standby}`, hours * copies, hourly.databases[kind]),
    part("database's disk", Number(inputs.allocatedStorage) * copies, monthly.databaseDisk),
  ];
}

function disk(spec: Json | undefined, copies: number, { monthly }: Prices): Part {
  const { storage } = record(record(record(spec).resources).requests);
  return part("disk", gibibytes(String(storage ?? "0")) * copies, monthly.disk);
}

/** GiB of a quantity as Kubernetes writes it. */
function gibibytes(quantity: string): number {
  const [, amount = "0", unit = ""] = /^([\d.]+)([A-Za-z]*)$/.exec(quantity) ?? [];
  const units: Record<string, number> = {
    Mi: 1 / 1024,
    Gi: 1,
    Ti: 1024,
    M: 1e6 / 2 ** 30,
    G: 1e9 / 2 ** 30,
    T: 1e12 / 2 ** 30,
  };
  return Number(amount) * (units[unit] ?? 1 / 2 ** 30);
}

/** One of something, or several: `amount` is for all of them. */
function part(what: string, amount: number, price: number | undefined, count = 1): Part {
  return { count, what, amount, price };
}

function listOf(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

function record(value: Json | undefined): Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Properties) : {};
}
