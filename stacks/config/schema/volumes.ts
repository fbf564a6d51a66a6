import { Type } from "typebox";
import type { StackKind } from "./kinds.ts";

const clusters: readonly StackKind[] = ["saas", "dedicated"];
const saasOnly: readonly StackKind[] = ["saas"];

/** Volumes of a stack in a cluster by their rows in its table of sizes, each with what it keeps. */
const kept = {
  code: "repositories, and large files where there is no object storage",
  storage: "objects: large files, packages, files of apps, logs and traces",
  metrics: "measurements",
  logs: "logs that were not written to object storage yet, all of them without it",
  traces: "traces that were not written to object storage yet, all of them without it",
  errors: "source maps of apps",
  runner: "the files of running jobs",
  timescale: "the analytics database",
  graph: "the graph, and its last dump",
  search: "documents of the search, on each node that keeps some",
  cache: "the cache",
  mailpit: "mail of apps that are tried out",
  uptime: "what the uptime monitor has seen",
  "runtime-db": "the database of people's apps",
  "runtime-storage": "files of people's apps where there is no object storage",
  "runtime-functions": "functions, and what they import",
  "runtime-studio": "snippets of Studio",
  postgres: "the platform's database, of each instance",
  "postgres-wal": "the write-ahead log of the platform's database, of each instance",
} as const;
export type VolumeName = keyof typeof kept;
export const volumeNames = Object.keys(kept) as VolumeName[];

const each = Object.fromEntries(volumeNames.map((name) => [name, volume(name)])) as Record<
  VolumeName,
  ReturnType<typeof volume>
>;

export const Volumes = Type.Object(each, {
  title: "Volumes",
  description:
    "How large each volume is, in place of what the size says (docs/kubernetes.md). One that is there can be made larger, never smaller.",
  additionalProperties: false,
});

function volume(name: VolumeName) {
  return Type.Optional(
    Type.Integer({
      title: `Volume ${name}`,
      description: `Room for ${kept[name]}, in GiB. Without it the size decides.`,
      examples: [100],
      minimum: 1,
      maximum: 65_536,
      "x-unit": "GiB",
      // In an account of AWS the database is RDS and has its own.
      "x-stacks": name.startsWith("postgres") ? saasOnly : clusters,
    }),
  );
}
