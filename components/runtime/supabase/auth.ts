import { upstream } from "../../catalogue/index.ts";
import { collectorUrl } from "../../platform/observability/observability.ts";
import { doorAt } from "../../primitives/calls.ts";
import { environmentFile, withEnvironment } from "./environment.ts";
import { clientAddressHeader } from "./gateway.ts";
import { databaseUrl, part, type Surrounding } from "./part.ts";

/** Sign-in of people to apps, by GoTrue. It signs tokens with the asymmetric key and accepts those of the shared secret. */
export function auth(around: Surrounding, traced: boolean) {
  const { url, database, connections, keys, jwtSecret, mail, redirects } = around;
  const { ports, memory } = upstream("supabase-auth");
  return part("auth", around, {
    steady: true,
    program: { upstream: "supabase-auth" },
    files: () => ({
      "secrets.env": environmentFile({
        GOTRUE_DB_DATABASE_URL: databaseUrl(database, "supabase_auth_admin"),
        GOTRUE_JWT_SECRET: jwtSecret,
        GOTRUE_JWT_KEYS: keys.signingKeys,
      }),
    }),
    command: (at) => withEnvironment(at.config("secrets.env"), "exec auth"),
    env: () => ({
      GOTRUE_API_HOST: "0.0.0.0",
      GOTRUE_API_PORT: String(ports.http),
      API_EXTERNAL_URL: `${url}/auth/v1`,
      GOTRUE_SITE_URL: redirects.find((address) => !address.includes("*")) ?? url,
      GOTRUE_URI_ALLOW_LIST: [`${url}/**`, ...redirects].join(","),
      // As the gateway tells it, which takes it from nobody but the proxy before it.
      GOTRUE_RATE_LIMIT_HEADER: clientAddressHeader,
      GOTRUE_DB_DRIVER: "postgres",
      GOTRUE_DB_MAX_POOL_SIZE: String(connections.auth),
      GOTRUE_JWT_ADMIN_ROLES: "service_role",
      GOTRUE_JWT_AUD: "authenticated",
      GOTRUE_JWT_DEFAULT_GROUP_NAME: "authenticated",
      GOTRUE_JWT_EXP: "3600",
      GOTRUE_JWT_ISSUER: `${url}/auth/v1`,
      GOTRUE_EXTERNAL_EMAIL_ENABLED: "true",
      GOTRUE_EXTERNAL_ANONYMOUS_USERS_ENABLED: "false",
      // Nobody can follow a link in a mail that is never sent.
      GOTRUE_MAILER_AUTOCONFIRM: String(mail === undefined),
      ...(mail && {
        GOTRUE_SMTP_HOST: mail.host,
        GOTRUE_SMTP_PORT: String(mail.port),
        GOTRUE_SMTP_ADMIN_EMAIL: mail.from,
        GOTRUE_SMTP_SENDER_NAME: "DevFlow",
      }),
      GOTRUE_METRICS_ENABLED: "true",
      GOTRUE_METRICS_EXPORTER: "prometheus",
      OTEL_EXPORTER_PROMETHEUS_HOST: "0.0.0.0",
      OTEL_EXPORTER_PROMETHEUS_PORT: String(ports.metrics),
      ...(traced && {
        GOTRUE_TRACING_ENABLED: "true",
        GOTRUE_TRACING_EXPORTER: "opentelemetry",
        OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
        OTEL_EXPORTER_OTLP_ENDPOINT: collectorUrl(),
        OTEL_SERVICE_NAME: "runtime-auth",
      }),
    }),
    replicas: "several",
    ports: { http: ports.http as number, metrics: ports.metrics as number },
    health: { http: "/health", port: "http" },
    memory: memory.expected,
    limits: { memory: memory.expected * 4 },
    // Providers of sign-in that people add.
    outbound: true,
    calls: [database.door, ...(mail?.door ? [mail.door] : []), ...(traced ? [doorAt(collectorUrl())] : [])],
    after: [database.process],
  });
}
