import { type ComponentResource, output } from "@pulumi/pulumi";
import type { DatabaseArgs, DatabaseOutputs } from "./index.ts";
import { local } from "./local.ts";

/** The same role and database as everywhere, made through the cluster's API; who bears it goes by the pooler. */
export function kubernetes(name: string, args: DatabaseArgs, parent: ComponentResource): DatabaseOutputs {
  const made = local(name, args, parent);
  const { pooler } = args.server;
  return args.pooled && pooler ? { ...made, host: output(pooler.host), door: pooler.door } : made;
}
