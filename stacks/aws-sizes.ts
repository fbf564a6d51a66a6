import type { NodeGroups } from "../components/aws/nodes.ts";
import type { DatabaseSize } from "../components/primitives/aws-surroundings.ts";
import type { Settings } from "./config/index.ts";

/** What a size means in an AWS account. */
export interface AwsSize {
  /** How many zones have a NAT gateway and private endpoints of their own. */
  redundancy: 1 | 3;
  nodes: NodeGroups;
  database: DatabaseSize;
}

/** Spot capacity of one kind runs out; several kinds of one size seldom do at once. */
const large = ["m7i.large", "m6i.large", "m6a.large", "m5.large", "m5a.large"];
const xlarge = ["m7i.xlarge", "m6i.xlarge", "m6a.xlarge", "m5.xlarge", "m5a.xlarge"];

/** Every size has its database in two zones; above `small` everything that can be is in three. */
export const awsSizes: Record<Settings["aws"]["size"], AwsSize> = {
  small: {
    redundancy: 1,
    nodes: {
      data: { instance: "m7i.xlarge", zones: 1, nodes: 1 },
      requests: { instances: large, nodes: 2, mostNodes: 4 },
    },
    database: { instance: "db.m7g.large", storage: 100, maxStorage: 500 },
  },
  medium: {
    redundancy: 3,
    nodes: {
      data: { instance: "m7i.xlarge", zones: 3, nodes: 1 },
      requests: { instances: xlarge, nodes: 3, mostNodes: 9 },
    },
    database: { instance: "db.m7g.xlarge", storage: 200, maxStorage: 2000 },
  },
  large: {
    redundancy: 3,
    nodes: {
      data: { instance: "m7i.2xlarge", zones: 3, nodes: 1 },
      requests: { instances: xlarge, nodes: 6, mostNodes: 24 },
    },
    database: { instance: "db.r7g.2xlarge", storage: 500, maxStorage: 8000 },
  },
};
