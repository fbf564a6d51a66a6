import type { ComponentResourceOptions, Input, Output } from "@pulumi/pulumi";
import { Component, type Recipes } from "../../component.ts";
import type { Reach } from "../../provider/reach/index.ts";
import { pending } from "../pending.ts";
import { local } from "./local.ts";

/** A bucket on an S3 server. */
export interface BucketArgs {
  /** Server to make it on: outputs of the product `Storage`. */
  server: S3Server;
  /** 3 to 63 lower-case letters, digits and dashes. */
  name: string;
}

export interface S3Server {
  /** `http://host:port`, without a path. */
  endpoint: Input<string>;
  accessKey: Input<string>;
  /** Secret. */
  secretKey: Input<string>;
  /** How buckets are made on it from outside. */
  reach?: Input<Reach>;
}

export interface BucketOutputs {
  endpoint: Output<string>;
  bucket: Output<string>;
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
  aws: pending,
};

export class Bucket extends Component<BucketArgs, BucketOutputs> {
  constructor(name: string, args: BucketArgs, options?: ComponentResourceOptions) {
    super("primitive:Bucket", bucketRecipes, name, args, options);
  }
}
