import { type ComponentResource, output } from "@pulumi/pulumi";
import { stringify } from "yaml";
import { upstream } from "../../../catalogue/index.ts";
import { podImage } from "../../../primitives/kubernetes/image.ts";
import { labels, metadata, object, selector } from "../../../primitives/kubernetes/object.ts";
import { containerSecurity } from "../../../primitives/kubernetes/security.ts";
import { workloadHost } from "../../../primitives/workload/host.ts";
import { sdk } from "../../../sdk.ts";
import { surroundings } from "../../../surroundings.ts";
import { ClosedNamespace } from "../../namespaces.ts";
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
  const { namespace, provider, images, workloads, dns, readLogsAs } = surroundings("kubernetes");
  const { apps, core, networking } = sdk.kubernetes();
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
  object(
    apps.v1.DaemonSet,
    name,
    {
      // What reads logs does not hold up what is read.
      metadata: { ...about(name), annotations: { "pulumi.com/skipAwait": "true" } },
      spec: {
        selector: { matchLabels: selector(name) },
        updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "20%" } },
        template: { metadata: { labels: labels(name, "observability") }, spec: pod() },
      },
    },
    parent,
  );
  return {};

  function pod(): import("@pulumi/kubernetes").types.input.core.v1.PodSpec {
    const image = podImage({ upstream: "otel-collector" });
    const { ports, memory } = upstream("otel-collector");
    const ready = { httpGet: { path: "/ready", port: ports.health as number } };
    return {
      serviceAccountName: account.metadata.name,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      // On every node, whatever it is kept for, and before what it reads: else the outputs one needs most are missing.
      tolerations: [{ operator: "Exists" }],
      priorityClassName: "system-node-critical",
      ...(images.pullSecret !== undefined && { imagePullSecrets: [{ name: images.pullSecret }] }),
      // The files are root's. It has its number and none of its capabilities.
      securityContext: {
        runAsUser: 0,
        runAsGroup: 0,
        seccompProfile: { type: "RuntimeDefault" },
        ...(readLogsAs !== undefined && { seLinuxOptions: { type: readLogsAs } }),
      },
      volumes: [
        { name: "pods", hostPath: { path: folder, type: "Directory" } },
        { name: "notes", emptyDir: { sizeLimit: "64Mi" } },
      ],
      containers: [
        {
          name,
          image: image.reference,
          command: [image.path("bin/otelcol"), `--config=env:${variable}`],
          env: [
            { name: variable, value: configuration() },
            { name: "GOMEMLIMIT", value: `${memory.expected}MiB` },
          ],
          readinessProbe: { ...ready, periodSeconds: 10 },
          livenessProbe: { ...ready, periodSeconds: 30, failureThreshold: 5 },
          resources: {
            requests: { memory: `${memory.floor}Mi`, cpu: "20m" },
            limits: { memory: `${memory.expected * 2}Mi`, cpu: "500m", "ephemeral-storage": "128Mi" },
          },
          securityContext: containerSecurity,
          volumeMounts: [
            { name: "pods", mountPath: folder, readOnly: true },
            { name: "notes", mountPath: notes },
          ],
        },
      ],
    };
  }

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
