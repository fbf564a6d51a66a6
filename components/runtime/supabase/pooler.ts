import { upstream } from "../../catalogue/index.ts";
import { credential } from "../../primitives/credential/index.ts";
import { environmentFile, withEnvironment } from "./environment.ts";
import { databaseUrl, part, type Surrounding } from "./part.ts";

/** Many clients on few connections, by Supavisor: apps log in as `role.runtime`. */
export function pooler(around: Surrounding) {
  const { parent, database, connections, jwtSecret } = around;
  const { ports, memory } = upstream("supavisor");
  return part("pooler", around, {
    program: { upstream: "supavisor" },
    files: () => ({
      "secrets.env": environmentFile({
        DATABASE_URL: databaseUrl(database, "supabase_admin", "_supabase", "ecto"),
        POOLER_DATABASE_PASSWORD: database.passwords.pgbouncer,
        SECRET_KEY_BASE: credential("runtime/pooler-key", { parent, length: 64 }),
        VAULT_ENC_KEY: credential("runtime/pooler-vault", { parent, length: 32, alphabet: "alphanumeric" }),
        API_JWT_SECRET: jwtSecret,
        METRICS_JWT_SECRET: jwtSecret,
      }),
      "tenant.exs": tenant,
      "start.sh": start,
    }),
    command: (at) => withEnvironment(at.config("secrets.env"), 'exec /bin/sh "$DEVFLOW_CONFIG/start.sh"'),
    env: (at) => ({
      DEVFLOW_CONFIG: at.config(),
      PORT: String(ports.api),
      PROXY_PORT_SESSION: String(ports.session),
      PROXY_PORT_TRANSACTION: String(ports.transaction),
      POOLER_DATABASE_HOST: database.host,
      POOLER_DATABASE_PORT: database.port.apply(String),
      POOLER_TENANT_ID: "runtime",
      POOLER_DEFAULT_POOL_SIZE: String(connections.pooler),
      POOLER_MAX_CLIENT_CONN: "500",
      CLUSTER_POSTGRES: "true",
      REGION: "local",
      ERL_AFLAGS: "-proto_dist inet_tcp",
      // The image has Erlang write all of its machine code to /tmp for profilers, thrice at each start.
      ERL_ZFLAGS: "+JPperf false",
      HOME: "/tmp",
      RELEASE_TMP: "/tmp",
    }),
    // Each start makes the tenant anew, and two would keep twice the connections.
    replicas: "alone",
    ports: { session: ports.session as number, transaction: ports.transaction as number, api: ports.api as number },
    health: { http: "/api/health", port: "api" },
    startTimeout: 120_000,
    memory: memory.expected,
    limits: { memory: memory.expected * 3 },
    calls: [database.door],
    after: [database.process],
  });
}

/** Erlang makes room for as many files as it may open, and an engine may say that there is no limit. */
const start = `set -eu
cd /app
ulimit -n 100000 || true
/app/bin/migrate
/app/bin/supavisor eval "$(cat "$DEVFLOW_CONFIG/tenant.exs")"
exec /app/bin/server
`;

/** The one tenant, made or set right at every start: the password may have been rotated meanwhile. */
const tenant = `{:ok, _} = Application.ensure_all_started(:supavisor)

{:ok, version} =
  case Supavisor.Repo.query!("select version()") do
    %{rows: [[text]]} -> Supavisor.Helpers.parse_pg_version(text)
    _ -> {:ok, "17.0"}
  end

id = System.fetch_env!("POOLER_TENANT_ID")
size = String.to_integer(System.fetch_env!("POOLER_DEFAULT_POOL_SIZE"))

params = %{
  "external_id" => id,
  "db_host" => System.fetch_env!("POOLER_DATABASE_HOST"),
  "db_port" => String.to_integer(System.fetch_env!("POOLER_DATABASE_PORT")),
  "db_database" => "postgres",
  "require_user" => false,
  "auth_query" => "SELECT * FROM pgbouncer.get_auth($1)",
  "default_max_clients" => String.to_integer(System.fetch_env!("POOLER_MAX_CLIENT_CONN")),
  "default_pool_size" => size,
  "default_parameter_status" => %{"server_version" => version},
  "users" => [
    %{
      "db_user" => "pgbouncer",
      "db_password" => System.fetch_env!("POOLER_DATABASE_PASSWORD"),
      "mode_type" => "transaction",
      "pool_size" => size,
      "is_manager" => true
    }
  ]
}

if Supavisor.Tenants.get_tenant_by_external_id(id), do: Supavisor.Tenants.delete_tenant_by_external_id(id)
{:ok, _} = Supavisor.Tenants.create_tenant(params)
`;
