import { type ComponentResource, interpolate, type Output } from "@pulumi/pulumi";
import type { BucketOutputs } from "../../primitives/bucket/index.ts";
import type { Door } from "../../primitives/calls.ts";
import { workloadHost } from "../../primitives/workload/host.ts";
import { Workload, type WorkloadArgs, type WorkloadOutputs } from "../../primitives/workload/index.ts";
import type { SupabaseKeys } from "../../provider/wiring.ts";

/** What every part of the runtime is told. */
export interface Surrounding {
  parent: ComponentResource;
  /** Address for people, without a trailing slash. */
  url: string;
  database: RuntimeDatabase;
  keys: SupabaseKeys;
  /** Shared secret of tokens of the older kind. */
  jwtSecret: Output<string>;
  /** Where objects go; in the data folder without it. */
  bucket: BucketOutputs | undefined;
  /** `host:port` that takes mail; without it people need not confirm their address. */
  mail: { host: string; port: number; from: string; door: Door } | undefined;
}

export interface RuntimeDatabase {
  host: Output<string>;
  port: Output<number>;
  door: Door;
  /** Passwords by role. */
  passwords: Record<RuntimeRole, Output<string>>;
  /** Process to wait for, once roles and schemas are as they must be. */
  process: Output<string>;
}

/**
 * Connections that the runtime's database accepts, and the most that each part takes of them: parts without a bound of
 * their own would take what apps need.
 */
export const runtimeConnections = { accepted: 200, auth: 10, rest: 20, storage: 20, pooler: 20 } as const;

export const runtimeRoles = [
  "supabase_admin",
  "postgres",
  "authenticator",
  "supabase_auth_admin",
  "supabase_storage_admin",
  "pgbouncer",
] as const;
export type RuntimeRole = (typeof runtimeRoles)[number];

/** Name of a part's workload, which is its host name as well. */
export function partName(part: string): string {
  return `runtime-${part}`;
}

/** `http://host:port` of a part, known before it is made. */
export function partUrl(part: string, port: number): string {
  return `http://${workloadHost(partName(part))}:${port}`;
}

/** A part of the runtime: its own container, counted to the product. */
export function part(
  name: string,
  around: Pick<Surrounding, "parent">,
  args: Omit<WorkloadArgs, "component">,
): WorkloadOutputs {
  return new Workload(partName(name), { ...args, component: "runtime" }, { parent: around.parent }).outputs;
}

/** URL of one of its databases, as a role. */
export function databaseUrl(
  { host, port, passwords }: RuntimeDatabase,
  role: RuntimeRole,
  database = "postgres",
  scheme = "postgres",
): Output<string> {
  return interpolate`${scheme}://${role}:${passwords[role]}@${host}:${port}/${database}`;
}
