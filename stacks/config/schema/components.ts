import { Type } from "typebox";
import { everyStack, oneMachine } from "./kinds.ts";

/** Products a profile or a person may leave out. PostgreSQL, the proxy and the platform itself always run. */
export const Components = Type.Object(
  {
    storage: product("Object storage", "Files and artifacts in S3 buckets (SeaweedFS)."),
    code: product("Code", "Git hosting, pull requests and packages (Gitea)."),
    embeddings: product(
      "Local embeddings",
      "Vectors of texts made on this machine, for search without any provider of models (MiniLM on ONNX Runtime).",
    ),
    metrics: product("Metrics", "Measurements of every process, kept and queried (Prometheus)."),
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
) {
  return Type.Integer({
    title,
    description,
    default: standard,
    examples,
    minimum: least,
    maximum: most,
    "x-unit": "MiB",
    "x-stacks": oneMachine,
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
