import { declared } from "../../../installer/declared/declared.ts";
import type { Goal } from "../../../installer/engine/index.ts";
import { reveal } from "../../../installer/engine/values.ts";
import { exampleSettings } from "../../../installer/pulumi/examples.ts";
import { type Settings, schemaAt } from "../../../stacks/config/index.ts";
import type { SizeName } from "../../../stacks/config/schema/kubernetes.ts";

/** What a stack asks of its nodes. */
export interface Sums {
  /** Pods when nothing is busy, and at their most. */
  pods: { least: number; most: number };
  /** Thousandths of a core, and MiB, that pods are sure of when nothing is busy. */
  requests: { cpu: number; memory: number };
  /** MiB that all pods may take at their most, one more of each that is scaled during an update. */
  limits: number;
  /** MiB of those that keep data, which are sure of all of it. */
  kept: number;
  /** GiB. */
  volumes: number;
}

export interface Variant {
  kind: "saas" | "dedicated";
  size: SizeName;
  ha: boolean;
  /** Whether every product is on, else those of a usual stack. */
  every: boolean;
}

const all = Object.keys(schemaAt(["components"])?.properties ?? {}).map((name) => `components.${name}=true`);
const beyond = ["search", "graph", "timescale"].map((name) => `components.${name}=false`);

export function settingsOf({ kind, size, ha, every }: Variant): Settings {
  return exampleSettings(kind, [`kubernetes.size=${size}`, `kubernetes.ha=${ha}`, ...(every ? all : beyond)]);
}

export async function goalsOf(settings: Settings): Promise<Goal[]> {
  const { goals, errors } = await declared(settings);
  if (errors.length > 0) throw errors[0];
  return goals;
}

// Specifications differ by kind; what is not there counts as nothing.
// biome-ignore lint/suspicious/noExplicitAny: see above
type Loose = any;

/** Adds up what the pods of a stack ask for. `of` picks some, by their specification. @default all */
export function sumsOf(goals: Goal[], of: (spec: Loose) => boolean = () => true): Sums {
  const objects = goals
    .filter(({ type }) => type.startsWith("kubernetes:"))
    .map(({ inputs }) => reveal(inputs) as Loose);
  const sums: Sums = { pods: { least: 0, most: 0 }, requests: { cpu: 0, memory: 0 }, limits: 0, kept: 0, volumes: 0 };
  for (const { kind, metadata, spec } of objects) {
    if (kind === "PersistentVolumeClaim") sums.volumes += gibibytes(spec.resources.requests.storage);
    if (kind === "Cluster") {
      sums.volumes += spec.instances * (gibibytes(spec.storage.size) + gibibytes(spec.walStorage.size));
      add({ priorityClassName: spec.priorityClassName, containers: [spec] }, spec.instances, spec.instances);
    }
    if (kind === "Pooler") add(spec.template.spec, spec.instances, spec.instances);
    if (kind === "StatefulSet") add(spec.template.spec, spec.replicas, spec.replicas);
    if (kind === "Deployment") {
      const scaler = objects.find(
        (one) => /HorizontalPodAutoscaler|ScaledObject/.test(one.kind) && one.metadata.name === metadata.name,
      );
      const { minReplicas, maxReplicas } = scaler?.spec ?? {};
      add(spec.template.spec, spec.replicas ?? minReplicas, spec.replicas ?? maxReplicas + 1);
    }
  }
  return sums;

  function add(pod: Loose, least: number, most: number): void {
    if (!of(pod)) return;
    const { requests, limits } = pod.containers[0].resources;
    sums.pods.least += least;
    sums.pods.most += most;
    sums.requests.cpu += least * Number.parseInt(requests.cpu, 10);
    sums.requests.memory += least * mebibytes(requests.memory);
    sums.limits += most * mebibytes(limits.memory);
    if (String(pod.priorityClassName).endsWith("-data")) sums.kept += least * mebibytes(limits.memory);
  }
}

function mebibytes(quantity: string): number {
  return Number.parseFloat(quantity) * (quantity.endsWith("Gi") ? 1024 : 1);
}

function gibibytes(quantity: string): number {
  return mebibytes(quantity) / (quantity.endsWith("Gi") ? 1024 : 1);
}
