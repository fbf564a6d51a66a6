import type { ComponentResourceOptions, Output } from "@pulumi/pulumi";
import { Component, type Recipes, type Transform } from "../../component.ts";
import type { Door } from "../../primitives/calls.ts";
import type { Reach } from "../../provider/reach/index.ts";
import type { Copies } from "../backups/copies.ts";
import type { ScrapeTarget } from "../signals.ts";
import { type AwsPostgresChildren, aws } from "./aws.ts";
import { docker } from "./docker.ts";
import { kubernetes } from "./kubernetes.ts";
import { local } from "./local.ts";

/** The PostgreSQL server, with pgvector, on which every component has a database of its own. */
export interface PostgresArgs {
  port: number;
  /** MiB of memory for shared buffers. */
  sharedBuffers: number;
  maxConnections: number;
  transform?: { [Name in keyof AwsPostgresChildren]?: Transform<AwsPostgresChildren[Name]> };
}

export interface PostgresOutputs {
  host: Output<string>;
  port: Output<number>;
  /** What its callers have to be let through. */
  door: Door;
  /** Superuser, for making databases only. */
  user: string;
  /** Marked secret. */
  password: Output<string>;
  /** Process to wait for. */
  process: Output<string>;
  /** How databases are made on it from outside. */
  reach: Output<Reach>;
  /** Whether it takes encrypted connections only. @default false */
  tls?: boolean;
  /** The pooler before it, where there is one. */
  pooler?: { host: Output<string>; door: Door };
  /** What of it a nightly copy is made of; absent where it is backed up by whoever runs it. */
  copies?: Copies;
  /** Where its operator shows how it is, and whether its log is archived. */
  measured?: { target: ScrapeTarget; archived: boolean };
}

export const postgresRecipes: Recipes<PostgresArgs, PostgresOutputs> = {
  local,
  docker,
  kubernetes,
  aws,
};

export class Postgres extends Component<PostgresArgs, PostgresOutputs> {
  constructor(name: string, args: PostgresArgs, options?: ComponentResourceOptions) {
    super("product:Postgres", postgresRecipes, name, args, options);
  }
}
