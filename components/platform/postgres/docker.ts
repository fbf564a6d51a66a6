import type { ComponentResource, Output } from "@pulumi/pulumi";
import { upstream } from "../../catalogue/index.ts";
import { credential } from "../../primitives/credential/index.ts";
import { Workload } from "../../primitives/workload/index.ts";
import type { PostgresArgs, PostgresOutputs } from "./index.ts";

/** Above PostgreSQL's own buffers: sessions, sorting, maintenance, and the pages that the system keeps of its files. */
const besideBuffers = 768;

/** The project's image, which makes the data folder itself when there is none. */
export function docker(name: string, args: PostgresArgs, parent: ComponentResource): PostgresOutputs {
  const user = "postgres";
  const password = credential("postgres/superuser", { parent });
  const { memory } = upstream("postgres");
  const server = new Workload(
    name,
    {
      program: { upstream: "postgres" },
      data: true,
      files: () => ({ "postgresql.conf": configuration(args), "pg_hba.conf": callers, password }),
      command: (at) => [
        "docker-entrypoint.sh",
        "postgres",
        "-c",
        at.config("postgresql.conf").apply((file) => `config_file=${file}`),
        "-c",
        at.config("pg_hba.conf").apply((file) => `hba_file=${file}`),
      ],
      env: (at) => ({
        TZ: "UTC",
        PGDATA: at.data("18/docker"),
        PGPORT: String(args.port),
        POSTGRES_USER: user,
        POSTGRES_PASSWORD_FILE: at.config("password"),
        POSTGRES_INITDB_ARGS: "--encoding=UTF8 --locale=C.UTF-8 --data-checksums",
      }),
      ports: { sql: args.port },
      // By TCP: while it makes its data folder it answers on its socket only.
      health: (at) => [at.program("bin/pg_isready"), "-q", "-h", "127.0.0.1", "-p", String(args.port)],
      startTimeout: 120_000,
      // SIGINT is PostgreSQL's fast shutdown: it ends sessions and writes a checkpoint.
      stop: { signal: "SIGINT", deadline: 60_000 },
      memory: memory.expected + args.sharedBuffers,
      limits: { memory: args.sharedBuffers + besideBuffers, cpu: 2000 },
    },
    { parent },
  );
  const { host, ports, name: process, reach } = server.outputs;
  const door = { workload: name, port: args.port };
  const access = { host, port: ports.sql as Output<number>, door, user, password };
  return { ...access, process, reach, copies: { [name]: { kind: "postgres", process, server: access } } };
}

function configuration({ port, sharedBuffers, maxConnections }: PostgresArgs): string {
  return `listen_addresses = '*'
port = ${port}
# Only its own image's first start uses it, as the same user.
unix_socket_directories = '/var/run/postgresql'
max_connections = ${maxConnections}
shared_buffers = ${sharedBuffers}MB
effective_cache_size = ${sharedBuffers * 4}MB
# Docker's 64 MB of shared memory are too few for parallel queries; mapped files are not limited by it.
dynamic_shared_memory_type = mmap
wal_level = replica
max_wal_size = 512MB
password_encryption = scram-sha-256
log_destination = stderr
logging_collector = off
log_line_prefix = '%m [%p] %q%u@%d '
log_min_duration_statement = 2s
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
timezone = 'UTC'
log_timezone = 'UTC'
idle_in_transaction_session_timeout = 5min
`;
}

/** Only the stack's own containers are on its network. */
const callers = `# type  database  user      address  method
local   all       postgres           peer
host    all       all       samenet  scram-sha-256
# Copies of the whole server.
host    replication  postgres  samenet  scram-sha-256
host    all       all       127.0.0.1/32  scram-sha-256
`;
