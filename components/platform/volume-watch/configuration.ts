import { upstream } from "../../catalogue/index.ts";

/** Names of volumes in pods that keep data: our own sets', and those of PostgreSQL's operator. */
const volumes = ["data", "pgdata", "pg-wal"];

export interface WatchValues {
  listen: string;
  /** Whose pods are looked at; a kubelet tells of all that are on its node. */
  namespace: string;
  /** Address of Prometheus. */
  metrics: string;
}

/** Variables of the pod: its configuration, in which nothing is secret, and the address of its node. */
export const variables = { configuration: "DEVFLOW_WATCH", node: "NODE_ADDRESS" } as const;

/** Attributes of a measurement that Prometheus keeps as labels. */
export const volumeAttributes = ["k8s.pod.name", "k8s.volume.name"] as const;

/** The collector's program as nothing but an asker of the kubelet on its own node. */
export function watchConfiguration({ listen, namespace, metrics }: WatchValues): object {
  const { memory, ports } = upstream("otel-collector");
  const off = Object.fromEntries(
    ["k8s.volume.inodes", "k8s.volume.inodes.free", "k8s.volume.inodes.used"].map((name) => [name, { enabled: false }]),
  );
  return {
    receivers: {
      kubelet_stats: {
        collection_interval: "60s",
        auth_type: "serviceAccount",
        endpoint: `https://\${env:${variables.node}}:10250`,
        // Most kubelets sign their certificate themselves.
        insecure_skip_verify: true,
        metric_groups: ["volume"],
        metrics: off,
      },
    },
    processors: {
      memory_limiter: { check_interval: "1s", limit_mib: memory.expected * 2 },
      filter: {
        metric_conditions: [
          `resource.attributes["k8s.namespace.name"] != "${namespace}"`,
          `not IsMatch(resource.attributes["k8s.volume.name"], "^(${volumes.join("|")})$")`,
        ],
      },
      batch: {},
    },
    exporters: { otlp_http: { endpoint: `${metrics}/api/v1/otlp` } },
    extensions: { health_check: { endpoint: `${listen}:${ports.health}`, path: "/ready" } },
    service: {
      extensions: ["health_check"],
      telemetry: { logs: { level: "warn" }, metrics: { level: "none" } },
      pipelines: {
        metrics: {
          receivers: ["kubelet_stats"],
          processors: ["memory_limiter", "filter", "batch"],
          exporters: ["otlp_http"],
        },
      },
    },
  };
}
