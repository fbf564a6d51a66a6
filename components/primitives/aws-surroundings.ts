import type { Input, Output } from "@pulumi/pulumi";

/** What the AWS recipes stand on: the customer's account as the stack's program has prepared it. */
export interface AwsSurroundings {
  /** Prefix of the names of everything in the account: the stack's name. */
  prefix: string;
  region: string;
  /** Twelve digits. */
  account: string;
  vpc: Output<string>;
  /** Block of the VPC's addresses. */
  cidr: string;
  subnets: { public: Output<string>[]; private: Output<string>[]; data: Output<string>[] };
  /** Blocks of the public subnets, in which the load balancer is. */
  publicBlocks: string[];
  /** Addresses by which the cluster calls the internet. */
  outbound: Output<string>[];
  /** ARN of the customer's key for data at rest. */
  key: Output<string>;
  cluster: {
    name: Output<string>;
    /** Security group of nodes and pods. */
    securityGroup: Output<string>;
    /** Auto scaling groups of the nodes: any of them leads to any pod. */
    scalingGroups: Output<string>[];
  };
  database: DatabaseSize;
  told: Told;
  /** Hosted zone in Route 53 that the platform's domain is in. */
  zone: string;
  /** Name of the bucket for copies that nobody can delete before their time. */
  backups: Output<string>;
  /** What the database is made from, up to a moment. @default an empty one */
  recoverFrom?: { snapshot?: string; instance?: string; targetTime?: string };
  /** Bucket for the load balancer's access logs. */
  accessLogs: Input<string>;
  /** ARN of the customer's key for logs. */
  logsKey: Output<string>;
  /** ARN of the topic that tells people of alarms. */
  alarms: Output<string>;
  /** Days that deleted or overwritten objects and database backups can be brought back. */
  retention: number;
  /** Whether what holds data refuses to be deleted. */
  protect: boolean;
}

/** What recipes make that others outside of the stack ask for: filled as it is declared. */
export interface Told {
  /** ARNs, by what a bucket is for and by a secret's name. */
  buckets: Map<string, Output<string>>;
  secrets: Map<string, Output<string>>;
  database?: { host: Output<string>; port: Output<number>; arn: Output<string> };
  balancer?: { address: Output<string>; zone: Output<string>; arn: Output<string> };
}

export interface DatabaseSize {
  /** Class of the RDS instance. */
  instance: string;
  /** Whether another zone has a copy of it that takes over by itself. */
  standby: boolean;
  /** GiB at first, and at most. */
  storage: number;
  maxStorage: number;
}
