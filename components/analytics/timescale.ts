import {
  type ComponentResource,
  type ComponentResourceOptions,
  interpolate,
  type Output,
  output,
} from "@pulumi/pulumi";
import { upstream } from "../catalogue/index.ts";
import { Product } from "../component.ts";
import type { Copies } from "../platform/backups/copies.ts";
import { credential } from "../primitives/credential/index.ts";
import { Database, type DatabaseOutputs, type DatabaseServer } from "../primitives/database/index.ts";
import { Workload } from "../primitives/workload/index.ts";

/** The database of Analytics: PostgreSQL with TimescaleDB and pgvector, on a server of its own. */
export interface TimescaleArgs {
  /** MiB of memory for shared buffers. */
  sharedBuffers: number;
}

export interface TimescaleOutputs {
  /** The database `analytics`, with both extensions. */
  analytics: DatabaseOutputs;
  /** For what measures it from outside. */
  server: DatabaseServer;
  process: Output<string>;
  copies: Copies;
}

export class Timescale extends Product<TimescaleArgs, TimescaleOutputs> {
  constructor(name: string, args: TimescaleArgs, options?: ComponentResourceOptions) {
    super("Timescale", compose, name, args, options);
  }
}

function compose(name: string, { sharedBuffers }: TimescaleArgs, parent: ComponentResource): TimescaleOutputs {
  const { ports, memory } = upstream("timescaledb");
  const password = credential("timescale/superuser", { parent });
  const server = new Workload(
    name,
    {
      program: { upstream: "timescaledb" },
      data: true,
      files: () => ({ password: interpolate`${password}`, "pg_hba.conf": callers }),
      command: (at) => [
        at.program("bin/entrypoint"),
        "postgres",
        "-c",
        at.config("pg_hba.conf").apply((file) => `hba_file=${file}`),
        ...Object.entries(settings(sharedBuffers)).flatMap(([key, value]) => ["-c", `${key}=${value}`]),
      ],
      env: (at) => ({
        POSTGRES_USER: "postgres",
        POSTGRES_PASSWORD_FILE: at.config("password"),
        PGDATA: at.data("data"),
        // The sizes are ours: its tuning would take the whole machine's memory for its own.
        NO_TS_TUNE: "true",
        TIMESCALEDB_TELEMETRY: "off",
        TZ: "UTC",
      }),
      ports: { sql: ports.sql as number },
      health: (at) => [at.program("bin/pg_isready"), "-q", "-U", "postgres", "-h", "127.0.0.1"],
      startTimeout: 180_000,
      stop: { signal: "SIGINT", deadline: 60_000 },
      memory: memory.expected + Math.max(0, sharedBuffers - 128),
      limits: { memory: 2 * memory.expected + 2 * sharedBuffers, cpu: 2000 },
    },
    { parent },
  );
  const { host, ports: made, name: process, reach } = server.outputs;
  const door = { workload: name, port: ports.sql as number };
  const access = { host, port: made.sql as Output<number>, door, user: "postgres", password, process, reach };
  const analytics = new Database(
    name,
    { server: access, name: "analytics", extensions: ["timescaledb", "vector"] },
    { parent },
  );
  const copies: Copies = { [name]: { kind: "postgres", process, server: access } };
  return { analytics: analytics.outputs, server: access, process: output(process), copies };
}

/** As the image has it, and for copies of the whole server. Only the stack's own containers get this far. */
const callers = `# type  database  user  address  method
local   all          all       trust
host    all          all       all  scram-sha-256
host    replication  postgres  all  scram-sha-256
`;

function settings(sharedBuffers: number): Record<string, string> {
  return {
    shared_buffers: `${sharedBuffers}MB`,
    effective_cache_size: `${sharedBuffers * 4}MB`,
    maintenance_work_mem: "64MB",
    max_connections: "60",
    max_worker_processes: "12",
    "timescaledb.max_background_workers": "4",
    "timescaledb.telemetry_level": "off",
    // Docker and Kubernetes give a container 64 MB of /dev/shm, which one parallel build of an index takes whole.
    dynamic_shared_memory_type: "mmap",
    // Each chunk of a hypertable that a query touches takes locks of its own.
    max_locks_per_transaction: "256",
    wal_level: "replica",
    max_wal_size: "1GB",
    password_encryption: "scram-sha-256",
    log_min_duration_statement: "2s",
    log_parameter_max_length: "0",
    log_parameter_max_length_on_error: "0",
  };
}
