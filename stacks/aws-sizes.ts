import type { NodeGroups } from "../components/aws/nodes.ts";
import type { DatabaseSize } from "../components/primitives/aws-surroundings.ts";
import type { SizeName } from "./config/schema/kubernetes.ts";

/** What a size means in an AWS account. */
export interface AwsSize {
  /** How many zones have a NAT gateway and private endpoints of their own. */
  redundancy: 1 | 3;
  nodes: NodeGroups;
  database: DatabaseSize;
}

/** Spot capacity of one kind runs out; several kinds of one size seldom do at once. */
const kinds = (size: string) => [firstKind, "m6i", "m6a", "m5", "m5a"].map((family) => `${family}.${size}`);
const firstKind = "m7i";

/** By size: nodes for data, nodes for requests at least and at most, and the database. */
const sizes: Record<
  SizeName,
  {
    data: string;
    requests: [size: string, least: number, most: number];
    database: Omit<DatabaseSize, "standby">;
  }
> = {
  small: {
    // Four cores are enough for what keeps data; 16 GiB are not, with search and graph on.
    data: "r7i.xlarge",
    requests: ["large", 2, 4],
    database: { instance: "db.m7g.large", storage: 100, maxStorage: 500 },
  },
  medium: {
    data: "m7i.2xlarge",
    requests: ["xlarge", 3, 9],
    database: { instance: "db.m7g.xlarge", storage: 200, maxStorage: 2000 },
  },
  large: {
    data: "m7i.4xlarge",
    requests: ["xlarge", 6, 24],
    database: { instance: "db.r7g.2xlarge", storage: 500, maxStorage: 8000 },
  },
};

/**
 * `ha` puts into three zones what is in one else. Of the nodes for requests one, or with `ha` two, are on demand: sign-in
 * and the gateways stay when AWS takes all spare capacity back. One at least is spare.
 */
export function awsSize(size: SizeName, ha: boolean, standby = ha): AwsSize {
  const { data, requests, database } = sizes[size];
  const [requestSize, nodes, mostNodes] = requests;
  const zones = ha ? 3 : 1;
  const kept = ha ? 2 : 1;
  const instances = kinds(requestSize);
  return {
    redundancy: zones,
    nodes: {
      data: { instance: data, zones, nodes: 1 },
      base: { instance: `${firstKind}.${requestSize}`, nodes: kept },
      requests: { instances, nodes: Math.max(1, nodes - kept), mostNodes },
    },
    database: { ...database, standby },
  };
}
