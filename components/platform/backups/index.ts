import type { ComponentResourceOptions, Input } from "@pulumi/pulumi";
import { Component, type Recipes } from "../../component.ts";
import type { Door } from "../../primitives/calls.ts";
import { aws } from "./aws.ts";
import type { Copies } from "./copies.ts";
import { docker } from "./docker.ts";
import { kubernetes } from "./kubernetes.ts";

/** A copy of everything that the products keep, every night, by the program in glue-services/backup. */
export interface BackupsArgs {
  copies: Copies;
  /** Time of day, UTC. @example "02:17" */
  at: string;
  /** Days that a copy is kept. */
  retention: number;
  /** `s3://bucket/path`; absent: a folder, where the target has any. */
  destination?: string;
  /** Address of the S3 server. @default Amazon's */
  endpoint?: string;
  region: string;
  /** Folder of the machine; absent with `destination` too: a volume of the engine, for three days at most. */
  folder?: string;
  /** Path of a file with ACCESS_KEY_ID, ACCESS_SECRET_KEY and ENCRYPTION_KEY. */
  envFile?: string;
  /** Prometheus, which is told what became of each copy. */
  metrics?: { url: Input<string>; door: Door };
}

export const backupsRecipes: Recipes<BackupsArgs, object> = {
  local: { unsupported: "the embedded engine copies a stack itself, while its processes are stopped" },
  docker,
  kubernetes,
  aws,
};

export class Backups extends Component<BackupsArgs, object> {
  constructor(name: string, args: BackupsArgs, options?: ComponentResourceOptions) {
    super("platform:Backups", backupsRecipes, name, args, options);
  }
}
