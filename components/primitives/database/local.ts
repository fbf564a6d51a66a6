import { type ComponentResource, output } from "@pulumi/pulumi";
import { child } from "../../component.ts";
import { PostgresDatabase } from "../../provider/resources.ts";
import { credential } from "../credential/index.ts";
import type { DatabaseArgs, DatabaseOutputs } from "./index.ts";

/** A role and a database on the stack's own server. */
export function local(name: string, args: DatabaseArgs, parent: ComponentResource): DatabaseOutputs {
  const password = credential(`postgres/${args.name}`, { parent });
  const database = child(
    PostgresDatabase,
    name,
    { server: args.server, name: args.name, password, extensions: args.extensions ?? [] },
    parent,
  ).database;
  const server = output(args.server);
  return {
    host: server.host,
    port: server.port,
    database,
    user: database,
    password,
  };
}
