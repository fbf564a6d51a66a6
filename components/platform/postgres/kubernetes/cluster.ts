import { priority } from "../../../primitives/kubernetes/availability.ts";
import { operandImage } from "../../../primitives/kubernetes/image.ts";
import type { Scale } from "../../../primitives/kubernetes-surroundings.ts";
import { surroundings } from "../../../surroundings.ts";
import type { PostgresArgs } from "../index.ts";

/** Specification of the operator's Cluster. It sets the pods' security itself, to what `restricted` asks. */
export function clusterSpec(args: PostgresArgs, size: Scale["postgres"], labels: Record<string, string>) {
  const { storageClass, images } = surroundings("kubernetes");
  const storage = (disk: number) => ({
    size: `${disk}Gi`,
    ...(storageClass !== undefined && { storageClass }),
  });
  return {
    instances: size.instances,
    imageName: operandImage("postgres-operand"),
    ...(images.pullSecret !== undefined && { imagePullSecrets: [{ name: images.pullSecret }] }),
    inheritedMetadata: { labels: { "app.kubernetes.io/part-of": labels["app.kubernetes.io/part-of"] } },
    ...priority("data"),
    enableSuperuserAccess: true,
    // A standby takes over when the primary's node goes; the primary itself is changed last, and only then.
    primaryUpdateStrategy: "unsupervised",
    primaryUpdateMethod: "switchover",
    ...(size.instances > 2 && {
      // A commit is on two nodes before it is one. `preferred`: with one node left the platform still takes writes.
      postgresql: { ...parameters(args), synchronous: synchronous },
    }),
    ...(size.instances <= 2 && { postgresql: parameters(args) }),
    storage: storage(size.disk),
    walStorage: storage(size.wal),
    resources: {
      requests: { memory: `${size.memory}Mi`, cpu: `${size.cpu}m` },
      limits: { memory: `${size.memory}Mi`, cpu: `${size.cpu * 4}m` },
    },
    affinity: { enablePodAntiAffinity: true, topologyKey: "kubernetes.io/hostname", podAntiAffinityType: "preferred" },
  };
}

const synchronous = { method: "any", number: 1, dataDurability: "preferred" };

/**
 * The superuser comes by the cluster's API alone, which forwards to the pod's own loopback; its password opens nothing from
 * another pod. The operator's rules for itself, its replicas and its poolers go before these.
 */
const callers = [
  ...["127.0.0.1/32", "::1/128"].map((own) => `host all postgres ${own} scram-sha-256`),
  ...["all", "replication"].map((databases) => `host ${databases} postgres all reject`),
];

function parameters({ sharedBuffers, maxConnections }: PostgresArgs) {
  return {
    pg_hba: callers,
    parameters: {
      max_connections: String(maxConnections),
      shared_buffers: `${sharedBuffers}MB`,
      effective_cache_size: `${sharedBuffers * 3}MB`,
      idle_in_transaction_session_timeout: "5min",
      log_min_duration_statement: "2s",
      log_parameter_max_length: "0",
      log_parameter_max_length_on_error: "0",
      timezone: "UTC",
    },
  };
}
