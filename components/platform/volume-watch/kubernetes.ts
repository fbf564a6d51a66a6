import { type ComponentResource, output } from "@pulumi/pulumi";
import { stringify } from "yaml";
import { priority } from "../../primitives/kubernetes/availability.ts";
import { podImage } from "../../primitives/kubernetes/image.ts";
import { labels, metadata, object, selector } from "../../primitives/kubernetes/object.ts";
import { calledBy } from "../../primitives/kubernetes/policy.ts";
import { podSecurity } from "../../primitives/kubernetes/security.ts";
import { sdk } from "../../sdk.ts";
import { surroundings } from "../../surroundings.ts";
import { collectorOnEveryNode } from "../node-collector.ts";
import { variables, watchConfiguration } from "./configuration.ts";
import type { VolumeWatchArgs } from "./index.ts";

/** Port on which a kubelet answers whoever has a token for it. */
const kubelet = 10_250;

/**
 * One pod a node that asks its kubelet. It sees nothing of the node, and its token opens nothing but the figures of the
 * kubelets: `get` of `nodes/stats`.
 */
export function kubernetes(name: string, args: VolumeWatchArgs, parent: ComponentResource): object {
  const { namespace, calls } = surroundings("kubernetes");
  const { core, networking, rbac } = sdk.kubernetes();
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
  const configuration = output({ namespace, metrics: args.metrics.url }).apply((known) =>
    stringify(watchConfiguration({ listen: "0.0.0.0", ...known })),
  );
  collectorOnEveryNode(
    name,
    {
      metadata: metadata(name, "metrics"),
      labels: labels(name, "metrics"),
      serviceAccountName: account.metadata.name,
      token: true,
      ...priority("platform"),
      securityContext: podSecurity(podImage({ upstream: "otel-collector" })),
      configuration: { variable: variables.configuration, value: configuration },
      env: [{ name: variables.node, valueFrom: { fieldRef: { fieldPath: "status.hostIP" } } }],
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
}
