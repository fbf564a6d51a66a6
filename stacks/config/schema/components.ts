import { Type } from "typebox";
import { byPulumi, everyStack, oneMachine, type StackKind } from "./kinds.ts";

/** Products a profile or a person may leave out. PostgreSQL, the proxy and the platform itself always run. */
export const Components = Type.Object(
  {
    storage: product("Object storage", "Files and artifacts in S3 buckets (SeaweedFS)."),
    code: product("Code", "Git hosting, pull requests and packages (Gitea)."),
    embeddings: product(
      "Local embeddings",
      "Vectors of texts made on this machine, for search without any provider of models (multilingual-e5-small on ONNX Runtime).",
    ),
    metrics: product("Metrics", "Measurements of every process, kept and queried (Prometheus)."),
    runner: container("Runner", "Runs the workflows of Code's repositories (Gitea's runner).", true),
    runtime: container(
      "Runtime",
      "Database, sign-in, REST, realtime, files and functions for people's own apps (Supabase).",
      true,
    ),
    timescale: container("Analytics database", "Time series of events, compressed (TimescaleDB with pgvector).", true),
    search: container("Search", "Full-text and vector search on a server of its own (Vespa).", false),
    graph: container("Graph", "The knowledge graph on a server of its own (Neo4j).", false),
    observability: container(
      "Observability",
      "Logs, traces and dashboards of every product (Loki, Tempo, Grafana, OpenTelemetry collector).",
      true,
    ),
    errors: container("Errors", "Errors of people's apps, by Sentry's protocol (GlitchTip).", true),
    cache: container("Cache", "A cache that speaks Redis' protocol, for people's own apps (Valkey).", false),
    mailpit: container("Mailpit", "Catches the mail that apps send while they are tried out (Mailpit).", false),
    // Its image works for root only, which restricted pod security lets nobody be.
    uptime: container("Uptime", "Watches addresses from outside and shows their state (Uptime Kuma).", false, [
      "onprem",
    ]),
  },
  {
    title: "Components",
    description: "Which products run beside PostgreSQL, the proxy and the platform. Without it the profile decides.",
    additionalProperties: false,
  },
);

function product(title: string, description: string) {
  return Type.Boolean({ title, description, default: true, examples: [true, false], "x-stacks": everyStack });
}

/** A product whose programs come as container images only, so that `local` has none. */
function container(title: string, description: string, standard: boolean, stacks: readonly StackKind[] = byPulumi) {
  return Type.Boolean({ title, description, default: standard, examples: [true, false], "x-stacks": stacks });
}

export const Sizing = Type.Object(
  {
    postgres: section("PostgreSQL", {
      sharedBuffers: mebibytes(
        "Shared buffers",
        "Memory PostgreSQL keeps pages in, in MiB.",
        128,
        [64, 512],
        16,
        65536,
      ),
      maxConnections: count("Connections", "Most connections PostgreSQL accepts at a time.", 100, [50, 200], 20, 1000),
    }),
    metrics: section("Metrics", {
      retention: Type.String({
        title: "Retention",
        description: "How long measurements are kept.",
        default: "15d",
        examples: ["15d", "12w", "1y"],
        pattern: "^[1-9][0-9]{0,3}[hdwy]$",
        "x-allowed": "a number and h, d, w or y, such as 15d",
        "x-stacks": oneMachine,
      }),
      memory: mebibytes("Memory limit", "Most memory that Prometheus may take, in MiB.", 320, [320, 1024], 192, 65536),
      disk: Type.Integer({
        title: "Disk",
        description: "Most that measurements may take, in GiB. The oldest go first.",
        default: 2,
        examples: [2, 20],
        minimum: 1,
        maximum: 65536,
        "x-unit": "GiB",
        "x-stacks": oneMachine,
      }),
    }),
    code: section("Code", {
      memoryLimit: mebibytes(
        "Memory limit",
        "Heap size Gitea tries to stay under, in MiB.",
        384,
        [256, 1024],
        128,
        65536,
      ),
      maxConnections: count("Connections", "Most database connections Gitea opens.", 20, [10, 40], 2, 500),
    }),
    timescale: section("Analytics database", {
      sharedBuffers: mebibytes(
        "Shared buffers",
        "Memory TimescaleDB keeps pages in, in MiB.",
        128,
        [96, 1024],
        32,
        65536,
        byPulumi,
      ),
    }),
    search: section("Search", {
      memory: mebibytes("Memory", "Memory that Vespa gets in all, in MiB.", 4096, [4096, 8192], 3072, 262144, byPulumi),
    }),
    graph: section("Graph", {
      heap: mebibytes("Heap", "Memory for Neo4j's objects, in MiB.", 512, [400, 2048], 256, 65536, byPulumi),
      pageCache: mebibytes(
        "Page cache",
        "Memory Neo4j keeps its store in, in MiB.",
        128,
        [128, 1024],
        32,
        65536,
        byPulumi,
      ),
    }),
    platform: section("Platform", {
      maxOldSpace: mebibytes(
        "Heap",
        "Most memory for objects of the platform's process, in MiB.",
        256,
        [192, 1024],
        128,
        65536,
      ),
    }),
  },
  {
    title: "Sizing",
    description: "How much each product may take. Without it the profile decides.",
    additionalProperties: false,
  },
);

function section<P extends Parameters<typeof Type.Object>[0]>(title: string, properties: P) {
  return Type.Object(properties, { title, description: `Size of ${title}.`, additionalProperties: false });
}

function mebibytes(
  title: string,
  description: string,
  standard: number,
  examples: number[],
  least: number,
  most: number,
  stacks = oneMachine,
) {
  return Type.Integer({
    title,
    description,
    default: standard,
    examples,
    minimum: least,
    maximum: most,
    "x-unit": "MiB",
    "x-stacks": stacks,
  });
}

function count(title: string, description: string, standard: number, examples: number[], least: number, most: number) {
  return Type.Integer({
    title,
    description,
    default: standard,
    examples,
    minimum: least,
    maximum: most,
    "x-stacks": oneMachine,
  });
}
