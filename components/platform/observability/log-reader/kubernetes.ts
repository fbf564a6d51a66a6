import { type ComponentResource, output } from "@pulumi/pulumi";
import { stringify } from "yaml";
import { upstream } from "../../../catalogue/index.ts";
import { labels, metadata, object, selector } from "../../../primitives/kubernetes/object.ts";
import { workloadHost } from "../../../primitives/workload/host.ts";
import { sdk } from "../../../sdk.ts";
import { surroundings } from "../../../surroundings.ts";
import { ClosedNamespace } from "../../namespaces.ts";
import { collectorOnEveryNode } from "../../node-collector.ts";
import { readerConfiguration, variable } from "./configuration.ts";
import type { LogReaderArgs } from "./index.ts";
import { podLines } from "./sources.ts";

/** Where the kubelet keeps what pods write, and the notes on how far it was read. */
const [folder, notes] = ["/var/log/pods", "/var/lib/log-reader"];

/**
 * One pod a node that sees the kubelet's folder of logs, read only. No pod of a restricted namespace may see anything of
 * its node, so it has a namespace of its own, from which nothing can be called but the collector.
 */
export function kubernetes(name: string, args: LogReaderArgs, parent: ComponentResource): object {
  const { namespace, provider, workloads, dns, readLogsAs } = surroundings("kubernetes");
  const { core, networking } = sdk.kubernetes();
  const own = new ClosedNamespace(
    name,
    { name: output(namespace).apply((platform) => `${platform}-logs`), podSecurity: "privileged", ...(dns && { dns }) },
    { parent, ...(provider && { provider }) },
  );
  const about = (label: string) => ({ name: label, namespace: own.name, labels: labels(name, "observability") });
  const account = object(
    core.v1.ServiceAccount,
    name,
    { metadata: about(name), automountServiceAccountToken: false },
    parent,
  );
  allowCall();
  collectorOnEveryNode(
    name,
    {
      metadata: about(name),
      labels: labels(name, "observability"),
      serviceAccountName: account.metadata.name,
      token: false,
      // Before what it reads: else the outputs one needs most are missing.
      priorityClassName: "system-node-critical",
      // The files are root's. It has its number and none of its capabilities.
      securityContext: {
        runAsUser: 0,
        runAsGroup: 0,
        seccompProfile: { type: "RuntimeDefault" },
        ...(readLogsAs !== undefined && { seLinuxOptions: { type: readLogsAs } }),
      },
      configuration: { variable, value: configuration() },
      volumes: [
        { name: "pods", hostPath: { path: folder, type: "Directory" } },
        { name: "notes", emptyDir: { sizeLimit: "64Mi" } },
      ],
      volumeMounts: [
        { name: "pods", mountPath: folder, readOnly: true },
        { name: "notes", mountPath: notes },
      ],
    },
    parent,
  );
  return {};

  function configuration() {
    // Every workload is known by then, also those that are declared after this one.
    return output({ namespace, collector: args.collector }).apply((known) =>
      stringify(
        readerConfiguration({
          ...{ kind: args.kind, listen: "0.0.0.0", notes, collector: known.collector },
          source: podLines(folder, [known.namespace], Object.fromEntries(workloads)),
        }),
      ),
    );
  }

  /** Out of its namespace to the collector, and into the collector from it. */
  function allowCall() {
    const { NetworkPolicy } = networking.v1;
    const collector = workloadHost("collector");
    const ports = [{ port: upstream("otel-collector").ports["otlp-http"] as number, protocol: "TCP" }];
    const podsIn = (where: typeof namespace, pods: string) => ({
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": where } },
      podSelector: { matchLabels: selector(pods) },
    });
    const out = {
      podSelector: { matchLabels: selector(name) },
      policyTypes: ["Egress"],
      egress: [{ to: [podsIn(namespace, collector)], ports }],
    };
    object(NetworkPolicy, `${name}-out`, { metadata: about(`${name}-out`), spec: out }, parent);
    const into = {
      podSelector: { matchLabels: selector(collector) },
      policyTypes: ["Ingress"],
      ingress: [{ from: [podsIn(own.name, name)], ports }],
    };
    object(NetworkPolicy, `${name}-in`, { metadata: metadata(`${name}-in`, "observability"), spec: into }, parent);
  }
}
