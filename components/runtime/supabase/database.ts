import { type ComponentResource, interpolate, output } from "@pulumi/pulumi";
import { upstream } from "../../catalogue/index.ts";
import { child } from "../../component.ts";
import { credential } from "../../primitives/credential/index.ts";
import type { DatabaseServer } from "../../primitives/database/index.ts";
import { SupabaseDatabase } from "../../provider/wiring.ts";
import { environmentFile, withEnvironment } from "./environment.ts";
import { part, partName, type RuntimeDatabase, type RuntimeRole, runtimeRoles } from "./part.ts";

/** How large it is. */
export interface RuntimeSize {
  /** MiB of memory for shared buffers. */
  sharedBuffers: number;
  /** Connections that it accepts. */
  maxConnections: number;
}

/** PostgreSQL in Supabase's build: its extensions, and a role for each of the parts, each with a password of its own. */
export function database(parent: ComponentResource, size: RuntimeSize): RuntimeDatabase & { server: DatabaseServer } {
  const { ports, memory } = upstream("supabase-postgres");
  const passwords = Object.fromEntries(
    runtimeRoles.map((role) => [
      role,
      credential(`runtime/${role.replaceAll("_", "-")}`, { parent, length: 40, alphabet: "alphanumeric" }),
    ]),
  ) as Record<RuntimeRole, ReturnType<typeof credential>>;
  // Opens what Vault keeps. With the stack's own secrets, so that a backup of these has it.
  const rootKey = credential("runtime/pgsodium-key", { parent, length: 64, alphabet: "hex" });
  const made = part(
    "db",
    { parent },
    {
      program: { upstream: "supabase-postgres" },
      data: true,
      rank: "data",
      files: (at) => ({
        "secrets.env": environmentFile({
          POSTGRES_PASSWORD: passwords.supabase_admin,
          PGPASSWORD: passwords.supabase_admin,
        }),
        "getkey.sh": interpolate`#!/bin/sh\nprintf %s ${rootKey}\n`,
        "start.sh": interpolate`${at.data()}|${at.program("bin/entrypoint")}`.apply((found) => {
          const [data = "", entrypoint = ""] = found.split("|");
          return start(data, entrypoint, size);
        }),
      }),
      command: (at) => withEnvironment(at.config("secrets.env"), interpolate`exec /bin/sh ${at.config("start.sh")}`),
      env: (at) => ({
        POSTGRES_HOST: "/var/run/postgresql",
        POSTGRES_DB: "postgres",
        POSTGRES_USER: "supabase_admin",
        PGDATABASE: "postgres",
        PGPORT: String(ports.sql),
        PGDATA: at.data("cluster"),
        DEVFLOW_CONFIG: at.config(),
      }),
      ports: { sql: ports.sql as number },
      // People's statements may call others from here (pg_net).
      confined: true,
      health: (at) => [at.program("bin/pg_isready"), "-q", "-U", "postgres", "-h", "127.0.0.1"],
      // The first start runs some two hundred migrations of the image.
      startTimeout: 300_000,
      stop: { signal: "SIGINT", deadline: 60_000 },
      memory: memory.expected,
      limits: { memory: memory.expected * 4 + 2 * (size.sharedBuffers - usual), cpu: 2000 },
    },
  );
  const port = made.ports.sql as RuntimeDatabase["port"];
  const door = { workload: partName("db"), port: ports.sql as number };
  const server = {
    host: made.host,
    ...{ port, door },
    user: "supabase_admin",
    password: passwords.supabase_admin,
    reach: made.reach,
  };
  const { supabase_admin: _, ...others } = passwords;
  const wired = child(
    SupabaseDatabase,
    "runtime-db",
    {
      server,
      roles: others,
      schemas: { postgres: ["_realtime"], _supabase: ["_analytics", "_supavisor"] },
      settings: { "app.settings.jwt_exp": "3600" },
    },
    parent,
  );
  return {
    host: made.host,
    ...{ port, door },
    passwords,
    process: output([made.name, wired.id]).apply(([name]) => name as string),
    server,
  };
}

/** MiB of shared buffers that the image sets. */
const usual = 128;

/** Configuration stays the image's; what it would write beside its data, and read from there, is moved into it. */
function start(data: string, entrypoint: string, { sharedBuffers, maxConnections }: RuntimeSize): string {
  return `set -eu
install -m 0700 "$DEVFLOW_CONFIG/getkey.sh" ${data}/getkey.sh
# As the image has them, and for copies of the whole server.
{ cat /etc/postgresql/pg_hba.conf; echo "host replication supabase_admin all scram-sha-256"; } > ${data}/pg_hba.conf
exec ${entrypoint} postgres -c hba_file=${data}/pg_hba.conf -c config_file=/etc/postgresql/postgresql.conf -c data_directory=${data}/cluster \\
  -c pgsodium.getkey_script=${data}/getkey.sh -c vault.getkey_script=${data}/getkey.sh \\
  -c dynamic_shared_memory_type=mmap -c max_connections=${maxConnections} \\
  -c shared_buffers=${sharedBuffers}MB -c effective_cache_size=${sharedBuffers * 4}MB \\
  -c log_min_messages=warning -c log_destination=stderr -c logging_collector=off
`;
}
