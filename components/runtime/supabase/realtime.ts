import { upstream } from "../../catalogue/index.ts";
import { credential } from "../../primitives/credential/index.ts";
import { environmentFile, withEnvironment } from "./environment.ts";
import { part, type Surrounding } from "./part.ts";

/** It takes its tenant from the first label of the host it is asked for, so the gateway asks for it by this name. */
export const realtimeHost = "realtime-dev.runtime";

/** Changes of tables, presence and broadcast over WebSockets. */
export function realtime(around: Surrounding) {
  const { parent, database, keys, jwtSecret } = around;
  const { ports, memory } = upstream("supabase-realtime");
  return part("realtime", around, {
    program: { upstream: "supabase-realtime" },
    files: () => ({
      "secrets.env": environmentFile({
        DB_PASSWORD: database.passwords.supabase_admin,
        DB_ENC_KEY: credential("runtime/realtime-encryption", { parent, length: 16, alphabet: "alphanumeric" }),
        API_JWT_SECRET: jwtSecret,
        API_JWT_JWKS: keys.verifyingKeys,
        METRICS_JWT_SECRET: jwtSecret,
        SECRET_KEY_BASE: credential("runtime/realtime-key", { parent, length: 64 }),
      }),
    }),
    command: (at) => withEnvironment(at.config("secrets.env"), start),
    env: () => ({
      PORT: String(ports.http),
      DB_HOST: database.host,
      DB_PORT: database.port.apply(String),
      DB_USER: "supabase_admin",
      DB_NAME: "postgres",
      DB_AFTER_CONNECT_QUERY: "SET search_path TO _realtime",
      ERL_AFLAGS: "-proto_dist inet_tcp",
      DNS_NODES: "''",
      APP_NAME: "realtime",
      ERL_CRASH_DUMP: "/tmp/erl_crash.dump",
      RUN_JANITOR: "true",
      DISABLE_HEALTHCHECK_LOGGING: "true",
      HOME: "/tmp",
      RELEASE_TMP: "/tmp",
    }),
    // Two of them that do not know one another would each keep a copy of who is there.
    replicas: "alone",
    ports: { http: ports.http as number },
    // That of its tenant wants a token, which does not belong into a container's description.
    health: { http: "/healthcheck", port: "http" },
    startTimeout: 120_000,
    memory: memory.expected,
    limits: { memory: memory.expected * 3 },
    calls: [database.door],
    after: [database.process],
  });
}

/**
 * What the image's own run.sh does, which becomes another user by sudo: that needs rights this container has not, and it
 * is that user already. Erlang makes room for as many files as it may open, and an engine may say that there is no limit.
 */
const start = [
  "cd /app",
  "ulimit -n 10000 || true",
  "/app/bin/migrate",
  "/app/bin/realtime eval 'Realtime.Release.seeds(Realtime.Repo)'",
  "exec /app/bin/server",
].join("; ");
