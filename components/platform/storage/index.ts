import type { ComponentResourceOptions, Output } from "@pulumi/pulumi";
import { Component, type Recipes } from "../../component.ts";
import type { S3Server } from "../../primitives/bucket/index.ts";
import type { Copies } from "../backups/copies.ts";
import { aws } from "./aws.ts";
import { seaweedfs } from "./seaweedfs.ts";

/** Object storage with the S3 API: SeaweedFS, or the cloud's own. */
export interface StorageArgs {
  ports: { s3: number; s3Grpc: number; master: number; masterGrpc: number; volume: number; volumeGrpc: number } & {
    filer: number;
    filerGrpc: number;
    metrics: number;
  };
  /** Most MiB that a server of its own may take. */
  memory: number;
}

export interface StorageOutputs {
  /** What buckets need; its keys, where it has any, may do everything. */
  server: S3Server;
  /** Absent where the cloud runs it, as its metrics. */
  process?: Output<string>;
  /** `host:port` of its metrics. */
  metrics?: Output<string>;
  /** What of it a nightly copy is made of; absent where the cloud keeps former versions itself. */
  copies?: Copies;
}

export const storageRecipes: Recipes<StorageArgs, StorageOutputs> = {
  local: seaweedfs,
  docker: seaweedfs,
  kubernetes: seaweedfs,
  aws,
};

export class Storage extends Component<StorageArgs, StorageOutputs> {
  constructor(name: string, args: StorageArgs, options?: ComponentResourceOptions) {
    super("product:Storage", storageRecipes, name, args, options);
  }
}
