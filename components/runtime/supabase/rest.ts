import { all, interpolate } from "@pulumi/pulumi";
import { upstream } from "../../catalogue/index.ts";
import { databaseUrl, part, type Surrounding } from "./part.ts";

/** Tables and functions of the database as a REST interface, by PostgREST. */
export function rest(around: Surrounding) {
  const { database, connections, keys, jwtSecret } = around;
  const { ports, memory } = upstream("postgrest");
  return part("rest", around, {
    program: { upstream: "postgrest" },
    files: (at) => ({
      "postgrest.conf": all([databaseUrl(database, "authenticator"), keys.verifyingKeys, jwtSecret]).apply(
        ([url, verifying, shared]) =>
          configuration({ listen: at.listen, url, pool: connections.rest, verifying, shared }),
      ),
    }),
    command: (at) => [at.program("bin/postgrest"), interpolate`${at.config("postgrest.conf")}`],
    replicas: "several",
    ports: { http: ports.http as number, admin: ports.admin as number },
    health: { http: "/ready", port: "admin" },
    memory: memory.expected,
    limits: { memory: memory.expected * 4 },
    calls: [database.door],
    after: [database.process],
  });
}

interface Values {
  listen: string;
  url: string;
  /** Connections that it keeps. */
  pool: number;
  verifying: string;
  shared: string;
}

function configuration({ listen, url, pool, verifying, shared }: Values): string {
  const { ports } = upstream("postgrest");
  const text = (value: string) => `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
  return `db-uri = ${text(url)}
db-schemas = "public,storage,graphql_public"
db-extra-search-path = "public,extensions"
db-anon-role = "anon"
db-max-rows = 1000
db-pool = ${pool}
jwt-secret = ${text(verifying)}
app.settings.jwt_secret = ${text(shared)}
app.settings.jwt_exp = "3600"
server-host = "${listen}"
server-port = ${ports.http}
admin-server-host = "${listen}"
admin-server-port = ${ports.admin}
`;
}
