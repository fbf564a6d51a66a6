import type * as Aws from "@pulumi/aws";
import type { ComponentResource, Input, Resource } from "@pulumi/pulumi";
import { child, type Transform } from "../component.ts";
import { allow, type Statement } from "../primitives/aws/policy.ts";
import { type ClusterName, role } from "../primitives/aws/role.ts";
import { sdk } from "../sdk.ts";

export interface AddonsArgs {
  /** Nodes are not ready without a network; some parts need a node to run on. */
  when: "before nodes" | "after nodes";
  cluster: Aws.eks.Cluster;
  /** Whose it is, for the roles of its pods. */
  named: ClusterName;
  /** Minor version of Kubernetes: each add-on is of the version that AWS has as default for it. */
  version: string;
  /** ARN of the key of the disks. */
  key: Input<string>;
  /** Whether a pod's first seconds are shut too, until its policies are known. */
  networkPolicy: NetworkPolicyMode;
  parent: ComponentResource;
  dependsOn?: Resource[];
  transform: Transform<Aws.eks.AddonArgs> | undefined;
}

/** How VPC CNI holds network policies: strictly, a pod reaches nobody until its policies are there. */
export type NetworkPolicyMode = "standard" | "strict";

interface Part {
  name: string;
  when: AddonsArgs["when"];
  configuration?: (mode: NetworkPolicyMode) => object;
  /** The service account it acts as, and what that may do. */
  identity?: { account: string; managed: string[]; statements: (key: Input<string>) => Statement[] };
}

/** The parts of a cluster that AWS keeps up to date, each with a role of its own where it calls AWS. */
const parts: Part[] = [
  {
    name: "vpc-cni",
    when: "before nodes",
    // Without it a network policy is accepted and holds nothing back.
    configuration: (mode) => ({
      enableNetworkPolicy: "true",
      env: { ENABLE_PREFIX_DELEGATION: "true", NETWORK_POLICY_ENFORCING_MODE: mode },
    }),
    identity: { account: "aws-node", managed: ["AmazonEKS_CNI_Policy"], statements: () => [] },
  },
  { name: "kube-proxy", when: "before nodes" },
  { name: "eks-pod-identity-agent", when: "before nodes" },
  { name: "coredns", when: "after nodes" },
  { name: "metrics-server", when: "after nodes" },
  {
    name: "aws-ebs-csi-driver",
    when: "after nodes",
    identity: {
      account: "ebs-csi-controller-sa",
      managed: ["service-role/AmazonEBSCSIDriverPolicy"],
      statements: (key) => [
        allow(["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"], [key]),
        {
          ...allow(["kms:CreateGrant"], [key]),
          Condition: { Bool: { "kms:GrantIsForAWSResource": "true" } },
        },
      ],
    },
  },
];

export function addons(name: string, args: AddonsArgs): Aws.eks.Addon[] {
  const aws = sdk.aws();
  const { cluster, parent, key, dependsOn = [] } = args;
  return parts.filter(({ when }) => when === args.when).map(addon);

  function podsOf(serviceAccount: string) {
    return { cluster: args.named, namespace: "kube-system", serviceAccount };
  }

  function addon({ name: addonName, configuration, identity }: Part) {
    const full = `${name}-${addonName}`;
    const { managed = [], statements } = identity ?? {};
    const acting =
      identity && role(full, { pods: podsOf(identity.account), managed, statements: statements?.(key) ?? [] }, parent);
    return child(
      aws.eks.Addon,
      full,
      {
        clusterName: cluster.name,
        addonName,
        addonVersion: aws.eks.getAddonVersionOutput({ addonName, kubernetesVersion: args.version }, { parent }).version,
        resolveConflictsOnCreate: "OVERWRITE",
        resolveConflictsOnUpdate: "OVERWRITE",
        ...(configuration && { configurationValues: JSON.stringify(configuration(args.networkPolicy)) }),
        ...(acting &&
          identity && { podIdentityAssociations: [{ roleArn: acting.arn, serviceAccount: identity.account }] }),
      },
      parent,
      args.transform,
      { dependsOn },
    );
  }
}
