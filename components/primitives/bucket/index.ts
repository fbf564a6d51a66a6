import type { ComponentResourceOptions, Input, Output } from "@pulumi/pulumi";
import { Component, type Recipes } from "../../component.ts";
import type { Reach } from "../../provider/reach/index.ts";
import type { Door } from "../calls.ts";
import { aws } from "./aws.ts";
import { local } from "./local.ts";

/** A bucket on an S3 server. */
export interface BucketArgs {
  /** Server to make it on: outputs of the product `Storage`. */
  server: S3Server;
  /** 3 to 63 lower-case letters, digits and dashes. */
  name: string;
  /**
   * Workload that it is for. Where pods have identities of their own, that one's gives access, and there are no keys.
   * @default none, so whoever has the keys
   */
  usedBy?: string;
  /** Workloads that are handed signed addresses of its objects: they need a way to the server, and no rights. @default [] */
  handedTo?: string[];
}

export interface S3Server {
  /** `http://host:port`, without a path. */
  endpoint: Input<string>;
  accessKey: Input<string>;
  /** Secret. */
  secretKey: Input<string>;
  /** @default "us-east-1", as servers have it that know no regions */
  region?: string;
  /** What those that keep something on it have to be let through; absent: it is outside of the stack. */
  door?: Door;
  /** How buckets are made on it from outside. */
  reach?: Input<Reach>;
}

export interface BucketOutputs {
  endpoint: Output<string>;
  region: Output<string>;
  bucket: Output<string>;
  /** What its users have to be let through. */
  doors: Door[];
  /** Empty, as the secret one, where the identity of the workload gives access. */
  accessKey: Output<string>;
  /** Marked secret. */
  secretKey: Output<string>;
}

export const bucketRecipes: Recipes<BucketArgs, BucketOutputs> = {
  local,
  // The same resource: it reaches the server through the engine.
  docker: local,
  // The same resource: it reaches the server through the cluster.
  kubernetes: local,
  aws,
};

export class Bucket extends Component<BucketArgs, BucketOutputs> {
  constructor(name: string, args: BucketArgs, options?: ComponentResourceOptions) {
    super("primitive:Bucket", bucketRecipes, name, args, options);
  }
}
