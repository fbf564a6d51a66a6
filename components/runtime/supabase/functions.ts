import { readFileSync } from "node:fs";
import { interpolate, type Output } from "@pulumi/pulumi";
import { upstream } from "../../catalogue/index.ts";
import { type Door, doorAt } from "../../primitives/calls.ts";
import { environmentFile, withEnvironment } from "./environment.ts";
import { databaseUrl, part, partUrl, type Surrounding } from "./part.ts";

const main = new URL("../../../configs/runtime/functions-main.ts", import.meta.url);

/** Where functions send their errors. */
export interface FunctionErrors {
  dsn: Output<string>;
  door: Door;
}

/** Functions of people's own, each in a worker of its own, by Supabase's edge runtime. */
export function functions(around: Surrounding, gateway: string, errors: FunctionErrors | undefined) {
  const { url, database, keys, jwtSecret } = around;
  const { ports, memory } = upstream("edge-runtime");
  return part("functions", around, {
    program: { upstream: "edge-runtime" },
    data: true,
    files: () => ({
      "secrets.env": environmentFile({
        JWT_SECRET: jwtSecret,
        SUPABASE_JWKS: keys.verifyingKeys,
        SUPABASE_ANON_KEY: keys.anonToken,
        SUPABASE_SERVICE_ROLE_KEY: keys.serviceToken,
        SUPABASE_PUBLISHABLE_KEY: keys.publishable,
        SUPABASE_SECRET_KEY: keys.secret,
        SUPABASE_DB_URL: databaseUrl(database, "postgres", "postgres", "postgresql"),
      }),
      // A service is a folder with this file in it.
      "index.ts": readFileSync(main, "utf8"),
    }),
    command: (at) =>
      withEnvironment(
        at.config("secrets.env"),
        interpolate`exec ${at.program("bin/edge-runtime")} start --port ${ports.http} --main-service ${at.config()}`,
      ),
    env: (at) => ({
      SUPABASE_URL: gateway,
      SUPABASE_PUBLIC_URL: url,
      // By the name that libraries of Sentry's protocol look for; whoever knows it can send errors and read nothing.
      ...(errors && { SENTRY_DSN: errors.dsn }),
      VERIFY_JWT: "true",
      FUNCTIONS_FOLDER: at.data("functions"),
      HOME: at.data(),
      DENO_DIR: at.data(".deno"),
    }),
    ports: { http: ports.http as number },
    // The service before the functions answers itself.
    health: { http: "/_internal/health", port: "http" },
    memory: memory.expected,
    limits: { memory: memory.expected * 6, cpu: 2000 },
    // Functions call others, and fetch what they import at their first call.
    outbound: "internet",
    calls: [doorAt(gateway), database.door, ...(errors ? [errors.door] : [])],
    confined: true,
    after: [database.process],
  });
}

/** Address of the gateway for what is inside of the stack. */
export function insideUrl(): string {
  return partUrl("gateway", upstream("envoy").ports.http as number);
}
