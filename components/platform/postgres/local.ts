import type { ComponentResource, Output } from "@pulumi/pulumi";
import { upstream } from "../../catalogue/index.ts";
import { child } from "../../component.ts";
import { credential } from "../../primitives/credential/index.ts";
import { Workload } from "../../primitives/workload/index.ts";
import { PostgresCluster } from "../../provider/resources.ts";
import type { PostgresArgs, PostgresOutputs } from "./index.ts";

/** A process under the supervisor; the data folder is made first. */
export function local(name: string, args: PostgresArgs, parent: ComponentResource): PostgresOutputs {
  const user = "postgres";
  const password = credential("postgres/superuser", { parent });
  const server = new Workload(
    name,
    {
      program: { upstream: "postgres" },
      data: true,
      prepare: (at, options) => {
        const { dataDirectory } = child(
          PostgresCluster,
          name,
          { program: at.program(), folder: at.data(), superuser: user, password },
          parent,
          undefined,
          options,
        );
        return dataDirectory;
      },
      files: () => ({ "postgresql.conf": configuration(args), "pg_hba.conf": access }),
      command: (at) => [
        at.program("bin/postgres"),
        "-D",
        at.data("cluster"),
        "-c",
        at.config("postgresql.conf").apply((file) => `config_file=${file}`),
        "-c",
        at.config("pg_hba.conf").apply((file) => `hba_file=${file}`),
      ],
      env: () => ({ TZ: "UTC" }),
      ports: { sql: args.port },
      health: (at) => [at.program("bin/pg_isready"), "-q", "-h", "127.0.0.1", "-p", String(args.port)],
      // SIGINT is PostgreSQL's fast shutdown: it ends sessions and writes a checkpoint.
      stop: { signal: "SIGINT", deadline: 60_000 },
      memory: upstream("postgres").memory.expected,
      refusesRoot: true,
    },
    { parent },
  );
  const { host, ports, name: process, reach } = server.outputs;
  const door = { workload: name, port: args.port };
  return { host, port: ports.sql as Output<number>, door, user, password, process, reach };
}

function configuration({ port, sharedBuffers, maxConnections }: PostgresArgs): string {
  return `listen_addresses = '127.0.0.1'
port = ${port}
# Connections come by TCP: a socket's folder would have to be readable by every component.
unix_socket_directories = ''
max_connections = ${maxConnections}
shared_buffers = ${sharedBuffers}MB
effective_cache_size = ${sharedBuffers * 4}MB
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

const access = `# type  database  user  address       method
host    all       all   127.0.0.1/32  scram-sha-256
host    all       all   ::1/128       scram-sha-256
`;
