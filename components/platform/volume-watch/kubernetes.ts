import { type ComponentResource, output } from "@pulumi/pulumi";
import { stringify } from "yaml";
import { upstream } from "../../catalogue/index.ts";
import { priority } from "../../primitives/kubernetes/availability.ts";
import { podImage } from "../../primitives/kubernetes/image.ts";
import { labels, metadata, object, selector } from "../../primitives/kubernetes/object.ts";
import { calledBy } from "../../primitives/kubernetes/policy.ts";
import { containerSecurity, podSecurity } from "../../primitives/kubernetes/security.ts";
import { sdk } from "../../sdk.ts";
import { surroundings } from "../../surroundings.ts";
import { variables, watchConfiguration } from "./configuration.ts";
import type { VolumeWatchArgs } from "./index.ts";

/** Port on which a kubelet answers whoever has a token for it. */
const kubelet = 10_250;

/**
 * One pod a node that asks its kubelet. It sees nothing of the node, and its token opens nothing but the figures of the
 * kubelets: `get` of `nodes/stats`.
 */
export function kubernetes(name: string, args: VolumeWatchArgs, parent: ComponentResource): object {
  const { namespace, images, calls } = surroundings("kubernetes");
  const { apps, core, networking, rbac } = sdk.kubernetes();
  const account = object(core.v1.ServiceAccount, name, { metadata: metadata(name, "metrics") }, parent);
  allow();
  calls.add(name, [args.metrics.door]);
  const egress = calledBy(name).apply((rules) => [
    ...rules,
    // A node's address is one that no selector of pods finds.
    { ports: [{ port: kubelet, protocol: "TCP" }] },
  ]);
  const spec = { podSelector: { matchLabels: selector(name) }, policyTypes: ["Ingress", "Egress"], egress };
  object(networking.v1.NetworkPolicy, name, { metadata: metadata(name, "metrics"), spec }, parent);
  object(
    apps.v1.DaemonSet,
    name,
    {
      metadata: metadata(name, "metrics", { "pulumi.com/skipAwait": "true" }),
      spec: {
        selector: { matchLabels: selector(name) },
        updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "20%" } },
        template: { metadata: { labels: labels(name, "metrics") }, spec: pod() },
      },
    },
    parent,
  );
  return {};

  /** Whoever runs `up` can only give away what they may do themselves. */
  function allow() {
    const full = output(namespace).apply((where) => `${where}-${name}`);
    const about = { name: full, labels: labels(name, "metrics") };
    const rules = [{ apiGroups: [""], resources: ["nodes/stats"], verbs: ["get"] }];
    const role = object(rbac.v1.ClusterRole, name, { metadata: about, rules }, parent);
    object(
      rbac.v1.ClusterRoleBinding,
      name,
      {
        metadata: about,
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role.metadata.name },
        subjects: [{ kind: "ServiceAccount", name: account.metadata.name, namespace }],
      },
      parent,
    );
  }

  function pod(): import("@pulumi/kubernetes").types.input.core.v1.PodSpec {
    const image = podImage({ upstream: "otel-collector" });
    const { ports, memory } = upstream("otel-collector");
    const ready = { httpGet: { path: "/ready", port: ports.health as number } };
    const configuration = output({ namespace, metrics: args.metrics.url }).apply((known) =>
      stringify(watchConfiguration({ listen: "0.0.0.0", ...known })),
    );
    return {
      serviceAccountName: account.metadata.name,
      automountServiceAccountToken: true,
      enableServiceLinks: false,
      ...priority("platform"),
      // Volumes are on every node, whatever it is kept for.
      tolerations: [{ operator: "Exists" }],
      ...(images.pullSecret !== undefined && { imagePullSecrets: [{ name: images.pullSecret }] }),
      securityContext: podSecurity(image),
      containers: [
        {
          name,
          image: image.reference,
          command: [image.path("bin/otelcol"), `--config=env:${variables.configuration}`],
          env: [
            { name: variables.configuration, value: configuration },
            { name: variables.node, valueFrom: { fieldRef: { fieldPath: "status.hostIP" } } },
            { name: "GOMEMLIMIT", value: `${memory.expected}MiB` },
          ],
          readinessProbe: { ...ready, periodSeconds: 10 },
          livenessProbe: { ...ready, periodSeconds: 30, failureThreshold: 5 },
          resources: {
            requests: { memory: `${memory.floor}Mi`, cpu: "20m" },
            limits: { memory: `${memory.expected * 2}Mi`, cpu: "500m", "ephemeral-storage": "128Mi" },
          },
          securityContext: containerSecurity,
        },
      ],
    };
  }
}
