import type * as Aws from "@pulumi/aws";
import type { ComponentResource, Input, Output, Resource } from "@pulumi/pulumi";
import { child, type Transform } from "../component.ts";
import { role } from "../primitives/aws/role.ts";
import { poolLabel } from "../primitives/aws-pools.ts";
import { sdk } from "../sdk.ts";

/** How many nodes of which kind. */
export interface NodeGroups {
  /** For pods that keep data: never taken away by AWS. A disk stays in its zone, so each zone has a group of its own. */
  data: { instance: string; zones: 1 | 3; nodes: number };
  /** For pods that keep none and that people wait for: as many as sign-in and the gateways need, never taken away. */
  base: { instance: string; nodes: number };
  /** For pods that keep none: spare capacity at a fraction of the price, which AWS may take back within two minutes. */
  requests: { instances: string[]; nodes: number; mostNodes: number };
}

export interface NodesArgs {
  cluster: Aws.eks.Cluster;
  /** Minor version of Kubernetes. */
  version: string;
  /** One a zone. */
  subnets: Output<string>[];
  key: Input<string>;
  groups: NodeGroups;
  parent: ComponentResource;
  dependsOn: Resource[];
  transform: {
    launchTemplate: Transform<Aws.ec2.LaunchTemplateArgs> | undefined;
    nodeGroup: Transform<Aws.eks.NodeGroupArgs> | undefined;
  };
}

export function nodeGroups(
  name: string,
  args: NodesArgs,
): { data: Aws.eks.NodeGroup[]; requests: Aws.eks.NodeGroup[] } {
  const aws = sdk.aws();
  const { cluster, subnets, groups, parent, dependsOn, transform } = args;
  const managed = ["AmazonEKSWorkerNodeMinimalPolicy", "AmazonEC2ContainerRegistryPullOnly"];
  const node = role(`${name}-node`, { service: "ec2.amazonaws.com", managed }, parent);
  const template = launchTemplate();
  const release = aws.ssm.getParameterOutput(
    { name: `/aws/service/bottlerocket/aws-k8s-${args.version}/x86_64/latest/image_version` },
    { parent },
  ).value;
  const { data, base, requests } = groups;
  return {
    data: subnets.slice(0, data.zones).map((subnet, index) =>
      group(`data-${"abc"[index]}`, [subnet], {
        capacityType: "ON_DEMAND",
        instanceTypes: [data.instance],
        labels: { [poolLabel]: "data" },
        scalingConfig: { desiredSize: data.nodes, minSize: data.nodes, maxSize: data.nodes + 1 },
      }),
    ),
    requests: [
      group("base", subnets, {
        capacityType: "ON_DEMAND",
        instanceTypes: [base.instance],
        labels: { [poolLabel]: "requests" },
        taints: [{ key: poolLabel, value: "requests", effect: "NO_SCHEDULE" }],
        scalingConfig: { desiredSize: base.nodes, minSize: base.nodes, maxSize: base.nodes + 1 },
      }),
      group("requests", subnets, {
        capacityType: "SPOT",
        instanceTypes: requests.instances,
        labels: { [poolLabel]: "requests" },
        taints: [{ key: poolLabel, value: "requests", effect: "NO_SCHEDULE" }],
        scalingConfig: { desiredSize: requests.nodes, minSize: requests.nodes, maxSize: requests.mostNodes },
      }),
    ],
  };

  function group(
    pool: string,
    within: Output<string>[],
    own: Pick<Aws.eks.NodeGroupArgs, "capacityType" | "instanceTypes" | "labels" | "taints" | "scalingConfig">,
  ) {
    return child(
      aws.eks.NodeGroup,
      `${name}-${pool}`,
      {
        clusterName: cluster.name,
        // AWS adds to it, so that a group of another instance type is there before the former one goes. At most 37 letters.
        nodeGroupNamePrefix: `${name.slice(0, 26)}-${pool}-`,
        nodeRoleArn: node.arn,
        subnetIds: within,
        amiType: "BOTTLEROCKET_x86_64",
        // Nodes follow the control plane, and its newest image of the system: without these they stay as they were made.
        version: cluster.version,
        releaseVersion: release,
        nodeRepairConfig: { enabled: true },
        launchTemplate: { id: template.id, version: template.latestVersion.apply(String) },
        updateConfig: { maxUnavailable: 1 },
        ...own,
      },
      parent,
      transform.nodeGroup,
      // Whoever scales the group, by hand or by an autoscaler, is not undone by the next update.
      { dependsOn, ignoreChanges: ["scalingConfig.desiredSize"] },
    );
  }

  function launchTemplate() {
    const disk = (deviceName: string, volumeSize: number) => ({
      deviceName,
      ebs: { volumeSize, volumeType: "gp3", encrypted: "true", kmsKeyId: args.key, deleteOnTermination: "true" },
    });
    return child(
      aws.ec2.LaunchTemplate,
      `${name}-node`,
      {
        // The system, which is read-only, and what containers are unpacked to.
        blockDeviceMappings: [disk("/dev/xvda", 4), disk("/dev/xvdb", 80)],
        // One hop: a pod cannot ask for the node's own credentials.
        metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
        tagSpecifications: ["instance", "volume"].map((resourceType) => ({
          resourceType,
          tags: { Name: `${name}-node` },
        })),
      },
      parent,
      transform.launchTemplate,
    );
  }
}
