import { type ComponentResource, interpolate, type Output } from "@pulumi/pulumi";
import type { BucketOutputs } from "../../primitives/bucket/index.ts";
import type { Door } from "../../primitives/calls.ts";
import { mostProcesses, workloadHost } from "../../primitives/workload/host.ts";
import { Workload, type WorkloadArgs, type WorkloadOutputs } from "../../primitives/workload/index.ts";
import type { SupabaseKeys } from "../../provider/wiring.ts";

/** What every part of the runtime is told. */
export interface Surrounding {
  parent: ComponentResource;
  /** Address for people, without a trailing slash. */
  url: string;
  database: RuntimeDatabase;
  /** Most connections to it of one process of each part. */
  connections: ReturnType<typeof connectionsOf>;
  keys: SupabaseKeys;
  /** Shared secret of tokens of the older kind. */
  jwtSecret: Output<string>;
  /** Where objects go; in the data folder without it. */
  bucket: BucketOutputs | undefined;
  /** What takes mail, and its door where it is part of the stack; without it people need not confirm their address. */
  mail: { host: string; port: number; from: string; door?: Door } | undefined;
  /** Where sign-in may send people back to, besides the runtime's own address. */
  redirects: readonly string[];
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

/** The most that each part takes of 200 connections to the runtime's database, all of its processes together. */
const shares = { auth: 10, rest: 20, storage: 20, pooler: 20 } as const;

/**
 * Connections that one process of each part may take: parts without a bound of their own would take what apps need. Of
 * those there are several of, each has its part also while one more takes another's place.
 */
export function connectionsOf(accepted: number): Record<keyof typeof shares, number> {
  const each = (part: keyof typeof shares, processes: number) =>
    Math.max(2, Math.floor((shares[part] * accepted) / 200 / processes));
  const several = mostProcesses();
  return {
    auth: each("auth", several),
    rest: each("rest", several),
    storage: each("storage", several),
    pooler: each("pooler", 1),
  };
}

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
  return new Workload(partName(name), { rank: "runtime", ...args, component: "runtime" }, { parent: around.parent })
    .outputs;
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
