import type { ComponentResource, ComponentResourceOptions, Output, ProviderResource } from "@pulumi/pulumi";
import { Product } from "../component.ts";
import type { NetworkPolicyMode } from "./addons.ts";
import { Alarms } from "./alarms.ts";
import { Audit } from "./audit.ts";
import { Backups } from "./backups.ts";
import { Cluster, type ClusterOutputs } from "./cluster.ts";
import type { EndpointChoice } from "./endpoints.ts";
import { Keys, type KeysOutputs } from "./keys.ts";
import { Network, type NetworkOutputs } from "./network.ts";
import type { NodeGroups } from "./nodes.ts";

/** All that a customer's account needs before the platform can be put in it. */
export interface AccountArgs {
  /** Twelve digits. */
  account: string;
  region: string;
  cidr: string;
  redundancy: 1 | 3;
  nodes: NodeGroups;
  /** Minor version of Kubernetes. */
  kubernetes: string;
  operators: string[];
  administrators: string[];
  networkPolicy: NetworkPolicyMode;
  endpoints: EndpointChoice;
  trail: boolean;
  /** Addresses that alarms are sent to. */
  alarms: string[];
  /** Days. */
  retention: number;
  protect: boolean;
}

export interface AccountOutputs {
  network: NetworkOutputs;
  keys: KeysOutputs;
  cluster: ClusterOutputs;
  /** Names of the buckets for backups and for the load balancer's access logs. */
  backups: Output<string>;
  accessLogs: Output<string>;
  /** ARN of the vault for copies of disks and databases, and of the topic that tells people of alarms. */
  vault: Output<string>;
  /** ARNs of its buckets by what they are for. */
  buckets: Record<"backups" | "records" | "access", Output<string>>;
  alarms: Output<string>;
}

export class Account extends Product<AccountArgs, AccountOutputs> {
  constructor(name: string, args: AccountArgs, options: ComponentResourceOptions & { providers: ProviderResource[] }) {
    super("AwsAccount", compose, name, args, options);
  }
}

function compose(name: string, args: AccountArgs, parent: ComponentResource): AccountOutputs {
  const { account, region, protect, retention } = args;
  const at = { account, region, protect };
  const keys = new Keys(name, at, { parent }).outputs;
  const audit = new Audit(name, { ...at, key: keys.audit, days: 365, trail: args.trail }, { parent }).outputs;
  const told = { account, key: keys.audit, emails: args.alarms };
  const { topic: alarms } = new Alarms(name, told, { parent }).outputs;
  const network = new Network(
    name,
    {
      ...{ cidr: args.cidr, region, redundancy: args.redundancy, endpoints: args.endpoints },
      ...{ flowLogs: audit.records, alarms },
    },
    { parent },
  ).outputs;
  const cluster = new Cluster(
    name,
    {
      ...{ account, region, protect, keys, version: args.kubernetes, subnets: network.subnets.private, logDays: 90 },
      ...{ operators: args.operators, administrators: args.administrators, nodes: args.nodes },
      ...{ networkPolicy: args.networkPolicy, alarms },
    },
    { parent },
  ).outputs;
  const backups = new Backups(name, { ...at, key: keys.data, days: retention, alarms }, { parent }).outputs;
  return {
    ...{ network, keys, cluster, backups: backups.bucket, vault: backups.vault },
    ...{ accessLogs: audit.accessLogs, alarms },
    buckets: { backups: backups.arn, records: audit.records, access: audit.accessArn },
  };
}
