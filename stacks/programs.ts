import { readFileSync } from "node:fs";
import { upstream } from "../components/catalogue/index.ts";
import { type ComponentName, componentNames } from "./config/index.ts";

/** Programs of the catalogue that each component runs; the platform's own services come with the checkout. */
export const programs: Record<ComponentName, readonly string[]> = {
  postgres: ["postgres"],
  proxy: ["caddy"],
  platform: [],
  storage: ["seaweedfs"],
  code: ["gitea"],
  embeddings: ["onnxruntime", "multilingual-e5-small"],
  metrics: ["prometheus"],
  runner: ["gitea-runner"],
  runtime: [
    ...["supabase-postgres", "supabase-auth", "postgrest", "supabase-realtime", "supabase-storage", "imgproxy"],
    ...["postgres-meta", "edge-runtime", "supavisor", "supabase-studio", "envoy"],
  ],
  timescale: ["timescaledb"],
  search: ["vespa"],
  graph: ["neo4j"],
  observability: ["loki", "tempo", "grafana", "otel-collector"],
  errors: ["glitchtip"],
  cache: ["valkey"],
  mailpit: ["mailpit"],
  uptime: ["uptime-kuma"],
};

/** Versions of DevFlow and of the programs of a stack's components, for its outputs. */
export function versionsOf(has: (name: ComponentName) => boolean): {
  version: string;
  versions: Record<string, string>;
} {
  const used = componentNames.filter(has).flatMap((name) => programs[name]);
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  return { version, versions: Object.fromEntries(used.map((name) => [name, upstream(name).version])) };
}
