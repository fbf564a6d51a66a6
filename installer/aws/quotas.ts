import type { Goal } from "../engine/index.ts";

/** Something that AWS gives an account only so much of in a region. */
export interface Quota {
  what: string;
  /** Names by which Service Quotas knows it. */
  service: string;
  code: string;
  /** What a new account has. */
  usual: number;
  /** How much of it the stack takes at most, also while nodes are replaced. */
  needs: (goals: Goal[]) => number;
}

const count =
  (type: string, which: (goal: Goal) => boolean = () => true) =>
  (goals: Goal[]) =>
    goals.filter((goal) => goal.type === type && which(goal)).length;

/** Those that a new account reaches first; docs/dedicated.md has them as a table. */
export const quotas: Quota[] = [
  {
    what: "Elastic IPs",
    ...{ service: "ec2", code: "L-0263D0A3", usual: 5 },
    needs: count("aws:ec2/eip:Eip"),
  },
  {
    what: "vCPUs on demand (standard kinds)",
    ...{ service: "ec2", code: "L-1216C47A", usual: 5 },
    needs: (goals) => processors(goals, "ON_DEMAND"),
  },
  {
    what: "vCPUs of spare capacity (standard kinds)",
    ...{ service: "ec2", code: "L-34B43A08", usual: 5 },
    needs: (goals) => processors(goals, "SPOT"),
  },
  { what: "VPCs", ...{ service: "vpc", code: "L-F678F1CE", usual: 5 }, needs: count("aws:ec2/vpc:Vpc") },
  {
    what: "private endpoints of one VPC",
    ...{ service: "vpc", code: "L-29B6F2EB", usual: 50 },
    needs: count("aws:ec2/vpcEndpoint:VpcEndpoint", ({ inputs }) => inputs.vpcEndpointType === "Interface"),
  },
  {
    what: "target groups",
    ...{ service: "elasticloadbalancing", code: "L-B22855CB", usual: 3000 },
    needs: count("aws:lb/targetGroup:TargetGroup"),
  },
  {
    what: "database instances",
    ...{ service: "rds", code: "L-7B6409FD", usual: 40 },
    needs: count("aws:rds/instance:Instance"),
  },
  { what: "clusters", ...{ service: "eks", code: "L-1194D53C", usual: 100 }, needs: count("aws:eks/cluster:Cluster") },
];

/** vCPUs of all groups of a capacity at their most, and of one node more while one is replaced. */
function processors(goals: Goal[], capacity: "ON_DEMAND" | "SPOT"): number {
  const groups = goals.filter(
    ({ type, inputs }) => type === "aws:eks/nodeGroup:NodeGroup" && inputs.capacityType === capacity,
  );
  return groups.reduce((sum, { inputs }) => {
    const { maxSize } = inputs.scalingConfig as { maxSize: number };
    const kinds = inputs.instanceTypes as string[];
    return sum + (maxSize + 1) * Math.max(...kinds.map(processorsOf));
  }, 0);
}

/** vCPUs of a kind by its size: a large one has two, an xlarge four, an Nxlarge N times four. */
function processorsOf(kind: string): number {
  const size = kind.split(".")[1] ?? "";
  if (size === "large") return 2;
  return 4 * Number(/^(\d*)xlarge$/.exec(size)?.[1] || 1);
}
