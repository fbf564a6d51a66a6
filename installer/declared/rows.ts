import type { Goal } from "../engine/index.ts";
import type { Json, Properties } from "../engine/values.ts";
import { type Change, changesOf, type Stored } from "./change.ts";
import { ownerOf } from "./owner.ts";
import { referencesOf } from "./references.ts";

/** One thing that a stack consists of, as a person counts them. */
export interface Row {
  urn: string;
  component: string;
  what: "container" | "pod" | "job" | "database" | "cluster" | "node" | "bucket" | "load balancer";
  name: string;
  /** How many of it; the least, where it grows with use. */
  count: number;
  images: string[];
  /** MiB that it may take, of all its containers and copies. */
  memory: number | undefined;
  /** Ports that can be reached from outside of the stack. */
  published: number[];
  /** GiB it keeps; 0 for a volume without a size of its own. */
  volumes: { name: string; size: number }[];
  change: Change["change"];
  downtime: string;
}

/**
 * What the declared resources come to, a row for each that runs or keeps something.
 * @param stored inputs as they were last carried out, by URN; undefined when nobody knows
 */
export function rowsOf(goals: Goal[], stored: Stored): Row[] {
  const [owner, changeOf, imagesOf] = [ownerOf(goals), changesOf(goals, stored), referencesOf(goals)];
  const scaled = new Map(goals.filter(({ type }) => type === scalerType).map(leastOf));
  const claims = new Map(goals.filter(({ type }) => type === claimType).map((goal) => [nameOf(goal), goal]));
  return goals.flatMap((goal) => {
    const read = readers[goal.type];
    if (!read) return [];
    const { change, downtime } = changeOf(goal);
    const common = {
      urn: goal.urn,
      component: owner(goal),
      name: nameOf(goal),
      count: 1,
      published: [],
      change,
      downtime,
    };
    const images = [...new Set(imagesOf(goal))];
    return [{ ...common, images, memory: undefined, volumes: [], ...read(goal, { claims, scaled }) }];
  });
}

/** What else of the stack a row is read from: claims by their names, and the least number of pods by their set's name. */
interface Around {
  claims: Map<string, Goal>;
  scaled: Map<string, number>;
}

type Read = (goal: Goal, around: Around) => Pick<Row, "what"> & Partial<Row>;

const scalerType = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler";
const claimType = "kubernetes:core/v1:PersistentVolumeClaim";

const readers: Record<string, Read> = {
  "docker:index/container:Container": ({ inputs }) => ({
    what: inputs.mustRun === false ? "job" : "container",
    memory: numberOf(inputs.memory),
    published: list(inputs.ports).map((port) => Number(record(port).external ?? record(port).internal)),
    volumes: list(inputs.volumes).flatMap((volume) => {
      const { volumeName } = record(volume);
      return typeof volumeName === "string" ? [{ name: volumeName, size: 0 }] : [];
    }),
  }),
  "kubernetes:apps/v1:Deployment": (goal, around) => pods("pod", goal, around),
  "kubernetes:apps/v1:StatefulSet": (goal, around) => pods("pod", goal, around),
  "kubernetes:apps/v1:DaemonSet": (goal, around) => pods("pod", goal, around),
  "kubernetes:batch/v1:Job": (goal, around) => pods("job", goal, around),
  "kubernetes:postgresql.cnpg.io/v1:Cluster": ({ inputs }) => {
    const { instances, storage, resources } = record(inputs.spec);
    const count = Number(instances ?? 1);
    const memory = mebibytes(record(record(resources).limits).memory);
    return {
      what: "database",
      count,
      memory: memory === undefined ? undefined : memory * count,
      volumes: [{ name: "data", size: (mebibytes(record(storage).size) ?? 0) / 1024 }],
    };
  },
  "aws:rds/instance:Instance": ({ inputs }) => ({
    what: "database",
    count: inputs.multiAz === true ? 2 : 1,
    volumes: [{ name: "data", size: Number(inputs.allocatedStorage ?? 0) }],
  }),
  "aws:eks/cluster:Cluster": () => ({ what: "cluster" }),
  "aws:eks/nodeGroup:NodeGroup": ({ inputs }) => ({
    what: "node",
    count: Number(record(inputs.scalingConfig).desiredSize ?? 0),
  }),
  "aws:s3/bucket:Bucket": () => ({ what: "bucket" }),
  "aws:lb/loadBalancer:LoadBalancer": () => ({ what: "load balancer", published: [80, 443] }),
};

function pods(what: "pod" | "job", goal: Goal, { claims, scaled }: Around): Pick<Row, "what"> & Partial<Row> {
  const spec = record(goal.inputs.spec);
  const count = Number(spec.replicas ?? scaled.get(nameOf(goal)) ?? 1);
  const pod = record(record(spec.template).spec);
  const limits = list(pod.containers).map((one) => mebibytes(record(record(record(one).resources).limits).memory));
  const memory = limits.every((limit) => limit !== undefined)
    ? count * limits.reduce<number>((sum, limit) => sum + (limit ?? 0), 0)
    : undefined;
  const own = list(spec.volumeClaimTemplates).map((claim) => record(claim));
  const claimed = list(pod.volumes).flatMap((volume) => {
    const claim = claims.get(String(record(record(volume).persistentVolumeClaim).claimName));
    return claim ? [claim.inputs] : [];
  });
  const volumes = [...own, ...claimed].map((claim) => ({
    name: String(record(claim.metadata).name),
    size: (mebibytes(record(record(record(claim.spec).resources).requests).storage) ?? 0) / 1024,
  }));
  return { what, count, memory, volumes };
}

function leastOf({ inputs }: Goal): [string, number] {
  const { scaleTargetRef, minReplicas } = record(inputs.spec);
  return [String(record(scaleTargetRef).name), Number(minReplicas ?? 1)];
}

/** Name in the cluster, where the object has one. */
function nameOf({ name, inputs }: Goal): string {
  const own = record(inputs.metadata).name ?? inputs.name;
  return typeof own === "string" ? own : name;
}

/** MiB of a quantity as Kubernetes writes it. */
export function mebibytes(quantity: Json | undefined): number | undefined {
  const [, amount, unit = ""] = /^([\d.]+)([A-Za-z]*)$/.exec(String(quantity ?? "")) ?? [];
  const units: Record<string, number> = {
    "": 2 ** -20,
    Ki: 2 ** -10,
    Mi: 1,
    Gi: 2 ** 10,
    Ti: 2 ** 20,
    M: 1e6 / 2 ** 20,
    G: 1e9 / 2 ** 20,
  };
  const factor = units[unit];
  return amount === undefined || factor === undefined ? undefined : Number(amount) * factor;
}

export function record(value: Json | undefined): Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Properties) : {};
}

export function list(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

function numberOf(value: Json | undefined): number | undefined {
  return typeof value === "number" ? value : undefined;
}
