import type * as Aws from "@pulumi/aws";
import {
  type ComponentResource,
  type ComponentResourceOptions,
  type Input,
  type Output,
  output,
  type Resource,
} from "@pulumi/pulumi";
import { child, Product, type Transform } from "../component.ts";
import { role } from "../primitives/aws/role.ts";
import { sdk } from "../sdk.ts";
import { addons, type NetworkPolicyMode } from "./addons.ts";
import { kubeconfig } from "./kubeconfig.ts";
import { nodeAlarms } from "./node-alarms.ts";
import { type NodeGroups, nodeGroups } from "./nodes.ts";
import { openSystemPods } from "./system-pods.ts";

/** A Kubernetes cluster on EKS with nodes for what keeps data and, cheaper, for what does not. */
export interface ClusterArgs {
  /** Twelve digits. */
  account: string;
  region: string;
  /** Minor version of Kubernetes. @example "1.35" */
  version: string;
  subnets: Output<string>[];
  /** Blocks of addresses that reach the cluster's API from outside of the VPC; none: only from within. */
  operators: string[];
  /** ARNs of the roles that administer the cluster, and nobody else; none: whoever makes it. */
  administrators: string[];
  networkPolicy: NetworkPolicyMode;
  /** ARNs of the keys for the cluster's secrets, for the nodes' disks and for its logs. */
  keys: { cluster: Input<string>; data: Input<string>; audit: Input<string> };
  nodes: NodeGroups;
  /** ARN of the topic that tells people of alarms. */
  alarms: Input<string>;
  /** Days that the control plane's logs are kept. */
  logDays: number;
  protect: boolean;
  transform?: {
    cluster?: Transform<Aws.eks.ClusterArgs>;
    launchTemplate?: Transform<Aws.ec2.LaunchTemplateArgs>;
    nodeGroup?: Transform<Aws.eks.NodeGroupArgs>;
    addon?: Transform<Aws.eks.AddonArgs>;
  };
}

export interface ClusterOutputs {
  name: Output<string>;
  arn: Output<string>;
  /** Address of its API. */
  endpoint: Output<string>;
  /** Minor version of Kubernetes. */
  version: Output<string>;
  /** Address of its OIDC issuer, for roles that trust its service accounts. */
  issuer: Output<string>;
  /** For kubectl and the Kubernetes provider; asks the AWS CLI for a token, so nothing in it is secret. */
  kubeconfig: Output<string>;
  /** Of the nodes and the pods on them. */
  securityGroup: Output<string>;
  /** Auto scaling groups of the nodes. */
  scalingGroups: Output<string>[];
  /** What must be there before a pod can run: groups of nodes and the add-ons on them. */
  nodes: Resource[];
}

export class Cluster extends Product<ClusterArgs, ClusterOutputs> {
  constructor(name: string, args: ClusterArgs, options?: ComponentResourceOptions) {
    super("AwsCluster", compose, name, args, options);
  }
}

function compose(name: string, args: ClusterArgs, parent: ComponentResource): ClusterOutputs {
  const aws = sdk.aws();
  const control = role(
    `${name}-control`,
    { service: "eks.amazonaws.com", managed: ["AmazonEKSClusterPolicy"] },
    parent,
  );
  const logs = child(
    aws.cloudwatch.LogGroup,
    name,
    // EKS writes to the group of this name; made first, so that it does not keep its logs for ever.
    { name: `/aws/eks/${name}/cluster`, retentionInDays: args.logDays, kmsKeyId: args.keys.audit },
    parent,
  );
  const cluster = child(
    aws.eks.Cluster,
    name,
    {
      name,
      version: args.version,
      roleArn: control.arn,
      bootstrapSelfManagedAddons: false,
      // Whoever ran the first update would else stay an administrator, in no list and for ever.
      accessConfig: {
        authenticationMode: "API",
        bootstrapClusterCreatorAdminPermissions: args.administrators.length === 0,
      },
      vpcConfig: {
        subnetIds: args.subnets,
        endpointPrivateAccess: true,
        endpointPublicAccess: args.operators.length > 0,
        ...(args.operators.length > 0 && { publicAccessCidrs: args.operators }),
      },
      encryptionConfig: { provider: { keyArn: args.keys.cluster }, resources: ["secrets"] },
      enabledClusterLogTypes: ["api", "audit", "authenticator", "controllerManager", "scheduler"],
      // Extended support costs six times as much; an update is to fail the check before that.
      upgradePolicy: { supportType: "STANDARD" },
      deletionProtection: args.protect,
    },
    parent,
    args.transform?.cluster,
    // It counts once, when the cluster is made, and AWS would make another cluster of a changed one.
    {
      protect: args.protect,
      dependsOn: logs,
      ignoreChanges: ["accessConfig.bootstrapClusterCreatorAdminPermissions"],
    },
  );
  const administrators = args.administrators.map(giveAccess);
  // Of the cluster's own outputs alone: one that waited for the nodes would be unknown in every preview that adds a
  // group, and with it everything in the cluster would seem to be replaced.
  const way = output([cluster.name, cluster.endpoint, cluster.certificateAuthority.data]).apply(() =>
    kubeconfig(cluster, args.region),
  );
  const common = {
    ...{ cluster, version: args.version, parent, key: args.keys.data, transform: args.transform?.addon },
    ...{ networkPolicy: args.networkPolicy, named: { account: args.account, region: args.region, name } },
  };
  const before = addons(name, { when: "before nodes", ...common });
  const groups = nodeGroups(name, {
    ...{ cluster, version: args.version, subnets: args.subnets, key: args.keys.data, groups: args.nodes, parent },
    dependsOn: before,
    transform: { launchTemplate: args.transform?.launchTemplate, nodeGroup: args.transform?.nodeGroup },
  });
  const all = [...groups.data, ...groups.requests];
  const system = args.networkPolicy === "strict" ? [openSystemPods(name, way, administrators, parent)] : [];
  const after = addons(name, { when: "after nodes", ...common, dependsOn: [...all, ...system] });
  const scalingGroups = all.map(({ resources }) =>
    resources.apply((made) => made[0]?.autoscalingGroups?.[0]?.name ?? ""),
  );
  nodeAlarms(name, { scalingGroups, topic: args.alarms }, parent);
  return {
    name: cluster.name,
    arn: cluster.arn,
    endpoint: cluster.endpoint,
    version: cluster.version,
    issuer: cluster.identities.apply((all) => all[0]?.oidcs?.[0]?.issuer ?? ""),
    kubeconfig: way,
    nodes: [...all, ...after, ...administrators],
    securityGroup: cluster.vpcConfig.clusterSecurityGroupId,
    scalingGroups,
  };

  function giveAccess(arn: string): Resource {
    const full = `${name}-${arn.split("/").at(-1)}`;
    const entry = { clusterName: cluster.name, principalArn: arn };
    child(aws.eks.AccessEntry, full, entry, parent);
    const policyArn = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy";
    const policy = { ...entry, policyArn, accessScope: { type: "cluster" } };
    return child(aws.eks.AccessPolicyAssociation, full, policy, parent);
  }
}
