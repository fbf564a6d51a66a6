import { isDeepStrictEqual } from "node:util";
import type { Goal } from "../engine/index.ts";
import { hasSecret, type Json, type Properties } from "../engine/values.ts";

/** What `up` would do to one resource, and for how long that is felt. */
export interface Change {
  change: "create" | "update" | "replace" | "same" | "unknown";
  /** Empty when nobody notices. */
  downtime: string;
}

/**
 * Compares what is declared with what was last carried out.
 *
 * An input whose value comes from another resource is left out: its real value is known to the engine only, and what
 * was assumed for it must not look like a change.
 */
export function changeOf(goal: Goal, stored: ReadonlyMap<string, Properties> | undefined): Change {
  if (!stored) return { change: "unknown", downtime: "" };
  const before = stored.get(goal.urn);
  if (!before) return { change: "create", downtime: "" };
  const changed = changedKeys(goal, before);
  if (changed.length === 0) return { change: "same", downtime: "" };
  const effect = effects[goal.type];
  const replaces = effect?.replaces?.some((key) => key === "*" || changed.includes(key)) ?? false;
  return { change: replaces ? "replace" : "update", downtime: effect?.downtime(goal.inputs, changed) ?? "" };
}

/** What of the state is no longer declared, and so is deleted. */
export function removed(goals: Goal[], stored: ReadonlyMap<string, Properties> | undefined): string[] {
  const declared = new Set(goals.map(({ urn }) => urn));
  return [...(stored?.keys() ?? [])].filter((urn) => !declared.has(urn) && !/::pulumi:(pulumi|providers):/.test(urn));
}

function changedKeys({ inputs, propertyDependencies, ignoreChanges }: Goal, before: Properties): string[] {
  const keys = new Set([...Object.keys(inputs), ...Object.keys(before)]);
  return [...keys].filter((key) => {
    if (key.startsWith("__") || ignoreChanges.includes(key) || (propertyDependencies[key] ?? []).length > 0)
      return false;
    const [now, then] = [inputs[key], before[key]];
    if (opaque(now) || opaque(then)) return false;
    return !isDeepStrictEqual(now, then);
  });
}

/** A secret in a state is encrypted, so whether it changed cannot be seen. */
function opaque(value: Json | undefined): boolean {
  return value !== undefined && hasSecret(value);
}

interface Effect {
  /** Inputs that cannot be changed in place; `*`: none can. */
  replaces?: string[];
  downtime: (inputs: Properties, changed: string[]) => string;
}

const rolling: Effect = { downtime: ({ spec }) => (single(spec) ? "restarts: seconds to minutes" : "") };

/** How a change of each kind is felt. What is not named here is changed without anybody noticing. */
const effects: Record<string, Effect> = {
  "docker:index/container:Container": { replaces: ["*"], downtime: () => "restarts: seconds to minutes" },
  "kubernetes:apps/v1:StatefulSet": rolling,
  // A new pod is ready before the old one goes.
  "kubernetes:apps/v1:Deployment": { downtime: () => "" },
  "kubernetes:postgresql.cnpg.io/v1:Cluster": {
    downtime: ({ spec }) => (single(spec) ? "restarts: about a minute" : "switches over: seconds"),
  },
  "aws:rds/instance:Instance": {
    replaces: ["identifier", "username", "kmsKeyId", "storageEncrypted", "dbSubnetGroupName", "engine"],
    downtime: (_, changed) => {
      if (changed.includes("engineVersion")) return "in the maintenance window: minutes, as long as the upgrade takes";
      if (changed.includes("instanceClass")) return "in the maintenance window: one to two minutes of failover";
      return "";
    },
  },
  "aws:eks/cluster:Cluster": { replaces: ["name", "roleArn", "encryptionConfig"], downtime: () => "" },
  "aws:eks/nodeGroup:NodeGroup": {
    replaces: ["nodeGroupName", "capacityType", "instanceTypes", "amiType", "subnetIds"],
    downtime: () => "pods move to new nodes: what runs once restarts",
  },
  "aws:ec2/vpc:Vpc": {
    replaces: ["cidrBlock"],
    downtime: (_, changed) => (changed.includes("cidrBlock") ? "everything in it is made anew" : ""),
  },
};

function single(spec: Json | undefined): boolean {
  const { replicas, instances } = (spec ?? {}) as Properties;
  return Number(replicas ?? instances ?? 1) === 1;
}
