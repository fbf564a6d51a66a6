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
import { addons } from "./addons.ts";
import { kubeconfig } from "./kubeconfig.ts";
import { type NodeGroups, nodeGroups } from "./nodes.ts";

/** A Kubernetes cluster on EKS with nodes for what keeps data and, cheaper, for what does not. */
export interface ClusterArgs {
  region: string;
  /** Minor version of Kubernetes. @example "1.35" */
  version: string;
  subnets: Output<string>[];
  /** Blocks of addresses that reach the cluster's API from outside of the VPC; none: only from within. */
  operators: string[];
  /** ARNs of the roles that administer the cluster besides whoever makes it. */
  administrators: string[];
  /** ARNs of the keys for the cluster's secrets and for the nodes' disks. */
  keys: { cluster: Input<string>; data: Input<string> };
  nodes: NodeGroups;
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
    { name: `/aws/eks/${name}/cluster`, retentionInDays: args.logDays },
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
      accessConfig: { authenticationMode: "API", bootstrapClusterCreatorAdminPermissions: true },
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
    { protect: args.protect, dependsOn: logs },
  );
  for (const arn of args.administrators) giveAccess(arn);
  const common = { cluster, version: args.version, parent, key: args.keys.data, transform: args.transform?.addon };
  const before = addons(name, { when: "before nodes", ...common });
  const groups = nodeGroups(name, {
    ...{ cluster, version: args.version, subnets: args.subnets, key: args.keys.data, groups: args.nodes, parent },
    dependsOn: before,
    transform: { launchTemplate: args.transform?.launchTemplate, nodeGroup: args.transform?.nodeGroup },
  });
  const all = [...groups.data, ...groups.requests];
  const after = addons(name, { when: "after nodes", ...common, dependsOn: all });
  return {
    name: cluster.name,
    // Of the cluster's own outputs alone: one that waited for the nodes would be unknown in every preview that adds a
    // group, and with it everything in the cluster would seem to be replaced.
    kubeconfig: output([cluster.name, cluster.endpoint, cluster.certificateAuthority.data]).apply(() =>
      kubeconfig(cluster, args.region),
    ),
    nodes: [...all, ...after],
    securityGroup: cluster.vpcConfig.clusterSecurityGroupId,
    scalingGroups: all.map(({ resources }) => resources.apply((made) => made[0]?.autoscalingGroups?.[0]?.name ?? "")),
  };

  function giveAccess(arn: string) {
    const full = `${name}-${arn.split("/").at(-1)}`;
    const entry = { clusterName: cluster.name, principalArn: arn };
    child(aws.eks.AccessEntry, full, entry, parent);
    const policyArn = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy";
    const policy = { ...entry, policyArn, accessScope: { type: "cluster" } };
    child(aws.eks.AccessPolicyAssociation, full, policy, parent);
  }
}
