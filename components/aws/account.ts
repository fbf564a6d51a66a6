import type { ComponentResource, ComponentResourceOptions, Output, ProviderResource } from "@pulumi/pulumi";
import { Product } from "../component.ts";
import { Audit } from "./audit.ts";
import { Backups } from "./backups.ts";
import { Cluster, type ClusterOutputs } from "./cluster.ts";
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
  const audit = new Audit(name, { ...at, key: keys.audit, days: 365 }, { parent }).outputs;
  const network = new Network(
    name,
    { cidr: args.cidr, region, redundancy: args.redundancy, flowLogs: audit.records },
    { parent },
  ).outputs;
  const cluster = new Cluster(
    name,
    {
      ...{ region, protect, keys, version: args.kubernetes, subnets: network.subnets.private, logDays: 90 },
      ...{ operators: args.operators, administrators: args.administrators, nodes: args.nodes },
    },
    { parent },
  ).outputs;
  const backups = new Backups(name, { ...at, key: keys.data, days: retention }, { parent }).outputs;
  return { network, keys, cluster, backups: backups.bucket, accessLogs: audit.accessLogs };
}
