import type { Input, ProviderResource } from "@pulumi/pulumi";
import type { Calls } from "./calls.ts";
import type { FrontDoor } from "./kubernetes/front-door.ts";
import type { Rank } from "./rank.ts";

/** What every object of a cluster shares. Made once by the stack's program. */
export interface KubernetesSurroundings {
  /** Namespace of the platform's own products. */
  namespace: Input<string>;
  /** Another one each time that the namespace is made. */
  generation: Input<string>;
  /** The cluster; absent: the one that Pulumi takes from the usual kubeconfig. */
  provider?: ProviderResource;
  /** Kubeconfig in full, or the path of its file, for wiring; absent: the usual one. */
  kubeconfig?: Input<string>;
  /** Context of the kubeconfig. @default its current one */
  context?: string;
  /** Class of the volumes. @default the cluster's own */
  storageClass?: string;
  frontDoor: FrontDoor;
  /** Who calls whom. */
  calls: Calls;
  /** Where a workload is that is no pod of its own name, as policies have it: filled as they are declared. */
  places: Map<string, Input<object>[]>;
  images: KubernetesImages;
  /** Component of each workload by its name, which is that of its container: filled as they are declared. */
  workloads: Map<string, string>;
  scale: Scale;
  /** Name of the PriorityClass of each rank. @default the cluster's own for all */
  priorities?: Record<Rank, Input<string>>;
  /** Address ranges besides the internet that the platform may call: a Jira or a model server in the company's network. */
  reachable?: string[];
  /** Where secrets are kept beyond the cluster, by the operator External Secrets. */
  secretStore?: { name: string; kind: "SecretStore" | "ClusterSecretStore" };
  /** Namespaces of the operators that call pods of the platform. */
  operators: { cloudNativePg: string; keda: string };
  /** Ports on which the API of the cluster answers. @default 443 and 6443 */
  apiPorts?: number[];
  /** SELinux type of the reader of logs. @default the engine's own for containers */
  readLogsAs?: string;
  /** Whether the operator KEDA is there, so that pods may follow the work that waits for them. @default false */
  keda?: boolean;
  /** Where names are looked up. @default CoreDNS in kube-system */
  dns?: { namespace: string; port: number; addresses: string[] };
  /** Whether what keeps data refuses to be deleted, and outlives its object. @default false */
  protect?: boolean;
  /** Where PostgreSQL's backups and its write-ahead log go. */
  backups?: Backups;
}

/** Where the cluster takes images from. */
export interface KubernetesImages {
  /** Full reference of the image of the glue services. */
  services: string;
  /** Whether an image without a digest is refused. @default false */
  byDigest?: boolean;
  /** Registry that mirrors all others, as host and path; asked in their place. */
  mirror?: string;
  /** Name of a Secret of the namespace that opens the registry. */
  pullSecret?: string;
}

/** How much of everything there is: one row of the table in stacks/sizes.ts. */
export interface Scale {
  /** Whether what can have a second one has it, on another node. */
  ha: boolean;
  /** Pods of each glue service: at least, and at most under load. */
  services: { least: number; most: number };
  postgres: {
    instances: number;
    poolers: number;
    /** MiB of each instance, and thousandths of a core it is sure of. */
    memory: number;
    cpu: number;
    /** GiB of data, and of write-ahead log beside it. */
    disk: number;
    wal: number;
  };
  /** Nodes of Vespa by their role, with the MiB of each; absent: one node that is everything. */
  search?: {
    config: number;
    container: number;
    content: number;
    /** Copies of each document. */
    redundancy: number;
    configMemory: number;
    containerMemory: number;
  };
  /** GiB of a workload's volume by its row, which is its name as a rule. */
  volumes: Partial<Record<string, number>>;
  /** GiB of every other one. */
  volume: number;
}

/** A bucket outside of the cluster: what is in the cluster goes down with it. */
export interface Backups {
  /** `s3://bucket/path`. */
  destination: string;
  /** Address of the S3 server. @default Amazon's */
  endpoint?: string;
  /** Secret of the namespace with ACCESS_KEY_ID and ACCESS_SECRET_KEY; absent: the pod's own role. */
  secretName?: string;
  /** Time of day, UTC. @example "02:17" */
  at: string;
  /** Days. */
  retention: number;
  /** Folder of this server's archive. @default one of its own for each time the stack is made */
  serverName?: string;
  /** Archive that the server is made from, up to a moment. @default an empty server */
  recoverFrom?: { serverName: string; targetTime?: string };
}
