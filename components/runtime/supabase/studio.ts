import type { Output } from "@pulumi/pulumi";
import { upstream } from "../../catalogue/index.ts";
import { doorAt } from "../../primitives/calls.ts";
import { environmentFile, withEnvironment } from "./environment.ts";
import { part, partUrl, type Surrounding } from "./part.ts";

/** The database's structure over HTTP, for Studio. Only the gateway's callers with the secret key get to it as well. */
export function meta(around: Surrounding, cryptoKey: Output<string>) {
  const { database } = around;
  const { ports, memory } = upstream("postgres-meta");
  return part("meta", around, {
    program: { upstream: "postgres-meta" },
    files: () => ({
      "secrets.env": environmentFile({ PG_META_DB_PASSWORD: database.passwords.supabase_admin, CRYPTO_KEY: cryptoKey }),
    }),
    command: (at) => withEnvironment(at.config("secrets.env"), "cd /usr/src/app; exec node dist/server/server.js"),
    env: (at) => ({
      PG_META_HOST: at.listen,
      PG_META_PORT: String(ports.http),
      PG_META_DB_HOST: database.host,
      PG_META_DB_PORT: database.port.apply(String),
      PG_META_DB_NAME: "postgres",
      PG_META_DB_USER: "supabase_admin",
    }),
    replicas: "several",
    ports: { http: ports.http as number, admin: ports.admin as number },
    calls: [database.door],
    // It asks nobody for a password.
    inside: true,
    health: { http: "/health", port: "http" },
    memory: memory.expected,
    limits: { memory: memory.expected * 3 },
    after: [database.process],
  });
}

/** Studio: tables, queries, people, files and functions of the runtime in a browser, behind the gateway's password. */
export function studio(around: Surrounding, { gateway, cryptoKey }: { gateway: string; cryptoKey: Output<string> }) {
  const { url, database, keys, jwtSecret } = around;
  const { ports, memory } = upstream("supabase-studio");
  const metaUrl = partUrl("meta", upstream("postgres-meta").ports.http as number);
  return part("studio", around, {
    program: { upstream: "supabase-studio" },
    data: true,
    files: () => ({
      "secrets.env": environmentFile({
        // It connects as this role, whose tables people's are among.
        POSTGRES_PASSWORD: database.passwords.supabase_admin,
        PG_META_CRYPTO_KEY: cryptoKey,
        AUTH_JWT_SECRET: jwtSecret,
        SUPABASE_ANON_KEY: keys.anonToken,
        SUPABASE_SERVICE_KEY: keys.serviceToken,
        SUPABASE_PUBLISHABLE_KEY: keys.publishable,
        SUPABASE_SECRET_KEY: keys.secret,
      }),
    }),
    command: (at) => withEnvironment(at.config("secrets.env"), "cd /app; exec node apps/studio/server.js"),
    env: (at) => ({
      HOSTNAME: at.listen,
      PORT: String(ports.http),
      STUDIO_PG_META_URL: metaUrl,
      POSTGRES_HOST: database.host,
      POSTGRES_PORT: database.port.apply(String),
      POSTGRES_DB: "postgres",
      POSTGRES_USER_READ_WRITE: "supabase_admin",
      PGRST_DB_SCHEMAS: "public,storage,graphql_public",
      DEFAULT_ORGANIZATION_NAME: "DevFlow",
      DEFAULT_PROJECT_NAME: "Runtime",
      SUPABASE_URL: gateway,
      SUPABASE_PUBLIC_URL: url,
      SNIPPETS_MANAGEMENT_FOLDER: at.data("snippets"),
      NEXT_TELEMETRY_DISABLED: "1",
    }),
    ports: { http: ports.http as number },
    calls: [database.door, doorAt(metaUrl), doorAt(gateway)],
    // The gateway asks for the password; this one asks nobody.
    inside: true,
    health: { http: "/api/platform/profile", port: "http" },
    startTimeout: 120_000,
    memory: memory.expected,
    limits: { memory: memory.expected * 3 },
    after: [database.process],
  });
}
