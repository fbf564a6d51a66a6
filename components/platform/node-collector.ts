import type { ComponentResource, Input } from "@pulumi/pulumi";
import { upstream } from "../catalogue/index.ts";
import { podImage } from "../primitives/kubernetes/image.ts";
import { object, selector } from "../primitives/kubernetes/object.ts";
import { containerSecurity } from "../primitives/kubernetes/security.ts";
import { sdk } from "../sdk.ts";
import { surroundings } from "../surroundings.ts";

type Meta = import("@pulumi/kubernetes").types.input.meta.v1.ObjectMeta;
type PodSpec = import("@pulumi/kubernetes").types.input.core.v1.PodSpec;
type Container = import("@pulumi/kubernetes").types.input.core.v1.Container;

/** What tells one collector of nodes from another. */
export interface NodeCollectorArgs {
  metadata: Meta;
  /** Of its pods. */
  labels: Record<string, string>;
  serviceAccountName: Input<string>;
  /** Whether its pods have the token of their account. */
  token: boolean;
  /** Who gives way to whom where room is short. */
  priorityClassName?: Input<string>;
  securityContext: PodSpec["securityContext"];
  /** The program's configuration, and the variable by which it is handed over. */
  configuration: { variable: string; value: Input<string> };
  /** @default [] */
  env?: { name: string; valueFrom: import("@pulumi/kubernetes").types.input.core.v1.EnvVarSource }[];
  /** @default none */
  volumes?: PodSpec["volumes"];
  volumeMounts?: Container["volumeMounts"];
}

/**
 * A collector on every node, whatever the node is kept for. It is not waited for: what looks at nodes does not hold up what
 * runs on them, and a node that is not ready has none.
 */
export function collectorOnEveryNode(name: string, args: NodeCollectorArgs, parent: ComponentResource): void {
  const { images } = surroundings("kubernetes");
  const { DaemonSet } = sdk.kubernetes().apps.v1;
  const { metadata, labels, configuration, env = [], volumes, volumeMounts, token, ...pod } = args;
  const image = podImage({ upstream: "otel-collector" });
  const { ports, memory } = upstream("otel-collector");
  const ready = { httpGet: { path: "/ready", port: ports.health as number } };
  const container: Container = {
    name,
    image: image.reference,
    command: [image.path("bin/otelcol"), `--config=env:${configuration.variable}`],
    env: [
      { name: configuration.variable, value: configuration.value },
      ...env,
      { name: "GOMEMLIMIT", value: `${memory.expected}MiB` },
    ],
    readinessProbe: { ...ready, periodSeconds: 10 },
    livenessProbe: { ...ready, periodSeconds: 30, failureThreshold: 5 },
    resources: {
      requests: { memory: `${memory.floor}Mi`, cpu: "20m" },
      limits: { memory: `${memory.expected * 2}Mi`, cpu: "500m", "ephemeral-storage": "128Mi" },
    },
    securityContext: containerSecurity,
    ...(volumeMounts && { volumeMounts }),
  };
  const spec: PodSpec = {
    ...pod,
    automountServiceAccountToken: token,
    enableServiceLinks: false,
    tolerations: [{ operator: "Exists" }],
    ...(images.pullSecret !== undefined && { imagePullSecrets: [{ name: images.pullSecret }] }),
    ...(volumes && { volumes }),
    containers: [container],
  };
  object(
    DaemonSet,
    name,
    {
      metadata: { ...metadata, annotations: { "pulumi.com/skipAwait": "true" } },
      spec: {
        selector: { matchLabels: selector(name) },
        updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "20%" } },
        template: { metadata: { labels }, spec },
      },
    },
    parent,
  );
}
