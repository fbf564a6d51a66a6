import { interpolate } from "@pulumi/pulumi";
import { upstream } from "../../catalogue/index.ts";
import { doorAt } from "../../primitives/calls.ts";
import { environmentFile, withEnvironment } from "./environment.ts";
import { databaseUrl, part, partUrl, type Surrounding } from "./part.ts";

/** Files of apps, with the rules of the database on who may read them; pictures are resized by imgproxy beside it. */
export function storage(around: Surrounding) {
  const { url, database, connections, keys, jwtSecret, bucket } = around;
  const { ports, memory } = upstream("supabase-storage");
  return part("storage", around, {
    program: { upstream: "supabase-storage" },
    ...(bucket ? { replicas: "several" as const } : { data: true, rank: "data" as const }),
    files: () => ({
      "secrets.env": environmentFile({
        DATABASE_URL: databaseUrl(database, "supabase_storage_admin"),
        AUTH_JWT_SECRET: jwtSecret,
        PGRST_JWT_SECRET: jwtSecret,
        JWT_JWKS: keys.verifyingKeys,
        ANON_KEY: keys.anonToken,
        SERVICE_KEY: keys.serviceToken,
        ...(bucket && { AWS_ACCESS_KEY_ID: bucket.accessKey, AWS_SECRET_ACCESS_KEY: bucket.secretKey }),
      }),
    }),
    command: (at) => withEnvironment(at.config("secrets.env"), "cd /app; exec node dist/start/server.js"),
    env: (at) => ({
      SERVER_PORT: String(ports.http),
      STORAGE_PUBLIC_URL: `${url}/storage/v1`,
      REQUEST_ALLOW_X_FORWARDED_PATH: "true",
      FILE_SIZE_LIMIT: String(50 * 1024 * 1024),
      TENANT_ID: "runtime",
      DATABASE_MAX_CONNECTIONS: String(connections.storage),
      REGION: bucket?.region ?? "us-east-1",
      // Without a bucket it would hand on paths of a folder that is its own.
      ENABLE_IMAGE_TRANSFORMATION: String(bucket !== undefined),
      ...(bucket
        ? {
            IMGPROXY_URL: partUrl("pictures", upstream("imgproxy").ports.http as number),
            STORAGE_BACKEND: "s3",
            GLOBAL_S3_BUCKET: bucket.bucket,
            GLOBAL_S3_ENDPOINT: bucket.endpoint,
            GLOBAL_S3_FORCE_PATH_STYLE: "true",
          }
        : { STORAGE_BACKEND: "file", FILE_STORAGE_BACKEND_PATH: at.data(), GLOBAL_S3_BUCKET: "runtime" }),
    }),
    ports: { http: ports.http as number },
    health: { http: "/status", port: "http" },
    memory: memory.expected,
    limits: { memory: memory.expected * 3 },
    calls: [
      database.door,
      ...(bucket ? [...bucket.doors, doorAt(partUrl("pictures", upstream("imgproxy").ports.http as number))] : []),
    ],
    after: [database.process],
  });
}

/** Resizes pictures that storage hands it by signed addresses of the bucket. */
export function pictures(around: Surrounding) {
  const { bucket } = around;
  const { ports, memory } = upstream("imgproxy");
  return part("pictures", around, {
    program: { upstream: "imgproxy" },
    replicas: "several",
    calls: bucket?.doors ?? [],
    // It fetches whatever address it is asked for.
    confined: true,
    command: (at) => [at.program("bin/imgproxy")],
    env: (at) => ({
      IMGPROXY_BIND: `${at.listen}:${ports.http}`,
      IMGPROXY_PROMETHEUS_BIND: `${at.listen}:${ports.metrics}`,
      IMGPROXY_USE_ETAG: "true",
      IMGPROXY_MAX_SRC_RESOLUTION: "16.8",
      // Its source is the stack's own object storage.
      IMGPROXY_ALLOW_PRIVATE_SOURCE_ADDRESSES: "true",
      // And nothing else: who calls it cannot sign what it asks for, so that no key could tell it from others.
      ...(bucket && { IMGPROXY_ALLOWED_SOURCES: interpolate`${bucket.endpoint}/${bucket.bucket}/` }),
    }),
    ports: { http: ports.http as number, metrics: ports.metrics as number },
    health: (at) => [at.program("bin/imgproxy"), "health"],
    memory: memory.expected,
    limits: { memory: memory.expected * 5, cpu: 2000 },
  });
}
