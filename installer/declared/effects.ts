import type { Json, Properties } from "../engine/values.ts";

/** How a change of one kind of resource is felt. */
export interface Effect {
  /** Inputs that cannot be changed in place; `*`: none can. */
  replaces?: string[];
  /** Inputs that are another value when the resource they come from is changed. */
  follows?: string[];
  /** True where what other resources give is known from the program: names of objects in a cluster are. */
  known?: boolean;
  /** Empty when nobody notices. */
  downtime: (inputs: Properties, changed: string[]) => string;
}

const pods: Pick<Effect, "known"> = { known: true };

/** What is not named here is changed without anybody noticing. */
export const effects: Record<string, Effect> = {
  "docker:index/container:Container": {
    replaces: ["*"],
    // Images by their ids, files by the volume they are in.
    follows: ["image", "mounts", "volumes"],
    downtime: () => "restarts: seconds to minutes",
  },
  "kubernetes:apps/v1:StatefulSet": {
    ...pods,
    downtime: ({ spec }) => (single(spec) ? "restarts: seconds to minutes" : "one after the other"),
  },
  // A new pod is ready before an old one goes.
  "kubernetes:apps/v1:Deployment": { ...pods, downtime: () => "" },
  "kubernetes:apps/v1:DaemonSet": { ...pods, downtime: () => "" },
  "kubernetes:core/v1:PersistentVolumeClaim": { ...pods, downtime: () => "" },
  "kubernetes:postgresql.cnpg.io/v1:Cluster": {
    ...pods,
    downtime: ({ spec }) => (single(spec) ? "restarts: about a minute" : "switches over: seconds"),
  },
  "aws:rds/instance:Instance": {
    replaces: ["identifier", "username", "storageEncrypted", "engine"],
    downtime: (_, changed) => {
      if (changed.includes("engineVersion")) return "in the maintenance window: minutes, as long as the upgrade takes";
      if (changed.includes("instanceClass")) return "in the maintenance window: one to two minutes of failover";
      return "";
    },
  },
  "aws:eks/cluster:Cluster": { replaces: ["name"], downtime: () => "" },
  "aws:eks/nodeGroup:NodeGroup": {
    replaces: ["nodeGroupNamePrefix", "capacityType", "instanceTypes", "amiType"],
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
