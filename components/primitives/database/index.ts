import type { ComponentResourceOptions, Input, Output } from "@pulumi/pulumi";
import { Component, type Recipes } from "../../component.ts";
import type { PostgresServer } from "../../provider/resources.ts";
import type { Door } from "../calls.ts";
import { kubernetes } from "./kubernetes.ts";
import { local } from "./local.ts";

/** A Postgres server within the stack's network. */
export interface DatabaseServer extends PostgresServer {
  /** What its callers have to be let through. */
  door: Door;
  /** The pooler before it, where there is one. */
  pooler?: { host: Input<string>; door: Door };
}

/** A Postgres database that belongs to one component. */
export interface DatabaseArgs {
  /** Server to make it on: outputs of the product `Postgres`. */
  server: DatabaseServer;
  /** Name of the database and of the role that owns it. */
  name: string;
  /** @default [] */
  extensions?: string[];
  /** Whether its owner may make roles, for programs that give each of their parts one. @default false */
  makesRoles?: boolean;
  /** Most connections that the server lets its program have. @default as many as there are */
  connections?: number;
  /**
   * Whether its program bears it that two of its transactions are on different connections: it listens for nothing and
   * keeps nothing in a session. It is given the pooler then, where there is one. @default false
   */
  pooled?: boolean;
}

export interface DatabaseOutputs {
  host: Output<string>;
  port: Output<number>;
  /** What its program has to be let through. */
  door: Door;
  database: Output<string>;
  user: Output<string>;
  /** Marked secret. */
  password: Output<string>;
  /** `require` where the server takes encrypted connections only; its certificate is of no authority that programs know. */
  sslMode: Output<"disable" | "require">;
}

export const databaseRecipes: Recipes<DatabaseArgs, DatabaseOutputs> = {
  local,
  // The same resources: they reach the server through the engine.
  docker: local,
  kubernetes,
  // The same resources: they reach the server through a pod that passes on to it.
  aws: local,
};

export class Database extends Component<DatabaseArgs, DatabaseOutputs> {
  constructor(name: string, args: DatabaseArgs, options?: ComponentResourceOptions) {
    super("primitive:Database", databaseRecipes, name, args, options);
  }
}
