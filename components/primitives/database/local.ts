import { type ComponentResource, output } from "@pulumi/pulumi";
import { child } from "../../component.ts";
import { PostgresDatabase } from "../../provider/resources.ts";
import { rotatingCredential } from "../credential/index.ts";
import type { DatabaseArgs, DatabaseOutputs } from "./index.ts";

/** A role and a database on the stack's own server. */
export function local(name: string, args: DatabaseArgs, parent: ComponentResource): DatabaseOutputs {
  const { host, port, user: administrator, password: administratorPassword, reach, tls = false } = args.server;
  const { value: password, previous } = rotatingCredential(`postgres/${args.name}`, { parent });
  const { database, user } = child(
    PostgresDatabase,
    name,
    {
      server: {
        host,
        port,
        user: administrator,
        password: administratorPassword,
        ...(reach && { reach }),
        ...(tls && { tls }),
      },
      name: args.name,
      password,
      previous,
      extensions: args.extensions ?? [],
      makesRoles: args.makesRoles ?? false,
      ...(args.connections !== undefined && { connections: args.connections }),
    },
    parent,
  );
  // One by one: an output of the whole server would be secret in all its parts, since the password is.
  return {
    host: output(host),
    port: output(port),
    door: args.server.door,
    database,
    user,
    password,
    sslMode: output(tls ? "require" : "disable"),
  };
}
