import type { Evaluation } from "../../../installer/engine/index.ts";
import { type Manifest, manifestsOf } from "../saas/manifests.ts";
import { networkOf, type Party } from "./network-policy.ts";
import { anyPort, type Callee } from "./table.ts";

/** The workloads of a cluster, what is around them, and who may connect to whom by the policies alone. */
export interface Cluster {
  callers: string[];
  callees: Callee[];
  connects(from: string, to: string, port: number): boolean;
  /** Names of those that are named together in a table. */
  groups: Record<string, string[]>;
  /** Every text that a workload is told, by its name. */
  told: Map<string, string[]>;
  /** Names by which a workload is looked up. */
  workloadAt(host: string): string | undefined;
}

const tenant = "(a tenant)";
const part = { "app.kubernetes.io/part-of": "devflow" };

/** What is not of the stack: none of it is let in but by the way that is meant for it. */
function strangers(namespace: string): Party[] {
  const pod = (name: string, where: string, address: string): Party => ({
    ...{ name, namespace: where, address },
    labels: { app: name },
  });
  return [
    pod("(front door)", "traefik", "10.42.9.1"),
    pod("(operator of PostgreSQL)", "cnpg-system", "10.42.9.2"),
    pod(tenant, `${namespace}-acme`, "10.42.9.4"),
    pod("(another namespace)", "elsewhere", "10.42.9.5"),
    // A label is not enough: this one is in another namespace.
    { ...pod("(an impostor)", "elsewhere", "10.42.9.6"), labels: { ...part, "app.kubernetes.io/name": "platform" } },
    // Nor is a place: this one is in the namespace and belongs to nothing.
    { ...pod("(an unknown pod)", namespace, "10.42.9.7"), labels: part },
    { name: "(load balancer)", address: "10.80.32.5" },
    { name: "(internet)", address: "203.0.113.9" },
    { name: "(company's network)", address: "10.20.0.9" },
  ];
}

/** Addresses that are only called. */
const outside: (Party & { ports: number[] })[] = [
  { name: "(internet)", address: "203.0.113.9", ports: [25, 443] },
  { name: "(company's network)", address: "10.20.0.9", ports: [443] },
  { name: "(metadata of the cloud)", address: "169.254.169.254", ports: [80] },
  { name: "(identities of pods)", address: "169.254.170.23", ports: [80] },
  { name: "(API of the cluster)", address: "10.43.0.1", ports: [443, 6443] },
  { name: "(database of AWS)", address: "10.80.40.9", ports: [4402, 5432] },
  { name: "(a node)", address: "10.0.0.4", ports: [22, 10250] },
];

export function clusterOf(evaluation: Evaluation): Cluster {
  const manifests = manifestsOf(evaluation);
  const namespace = manifests.find(({ kind, metadata }) => kind === "Namespace" && !/-/.test(metadata.name))?.metadata
    .name as string;
  const connect = networkOf(manifests);
  const pods = manifests.flatMap((one, index) => podOf(one, `10.42.0.${index % 250}`));
  const names = workloads(manifests, pods);
  const callers = new Map([...strangers(namespace), ...pods].map((one) => [one.name, one]));
  const front = { name: "(front door)", namespace: "traefik", labels: {}, address: "10.42.9.1", ports: [8443] };
  const callees = new Map([...pods, ...outside, front].map((one) => [one.name, one]));
  return {
    callers: [...callers.keys()],
    callees: [...callees.values()].map(({ name, ports }) => ({ name, ports })),
    connects: (from, to, port) => !isForeign(from, to) && connect(must(callers, from), must(callees, to), port),
    groups: {},
    told: toldTo(manifests),
    workloadAt: (host) => names.get(/^[^.]+\.([^.]+-members)(\.|$)/.exec(host)?.[1] ?? host.split(".")[0] ?? ""),
  };
}

/** How strangers reach one another is nobody's matter here. */
function isForeign(from: string, to: string): boolean {
  return from.startsWith("(") && from !== tenant && to.startsWith("(");
}

function must<Value>(map: ReadonlyMap<string, Value>, name: string): Value {
  const found = map.get(name);
  if (found === undefined) throw new Error(`nothing here is called ${name}`);
  return found;
}

type Pod = Party & { ports: number[] };

/** The pods that an object makes, as one. */
function podOf({ kind, metadata, spec }: Manifest, address: string): Pod[] {
  const namespace = metadata.namespace ?? "";
  const at = { namespace, address };
  if (kind === "Cluster") {
    const labels = { ...part, "cnpg.io/cluster": metadata.name, "cnpg.io/podRole": "instance" };
    return [{ ...at, name: metadata.name, labels, ports: [5432, 8000, 9187] }];
  }
  if (kind === "Pooler") {
    const own = {
      "cnpg.io/cluster": spec.cluster.name,
      "cnpg.io/poolerName": metadata.name,
      "cnpg.io/podRole": "pooler",
    };
    return [{ ...at, name: metadata.name, labels: { ...spec.template.metadata.labels, ...own }, ports: [5432, 9127] }];
  }
  const template = kind === "CronJob" ? spec.jobTemplate.spec.template : spec?.template;
  if (!["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"].includes(kind)) return [];
  const ports = template.spec.containers.flatMap((container: { ports?: { containerPort: number }[] }) =>
    (container.ports ?? []).map(({ containerPort }) => containerPort),
  );
  return [{ ...at, name: metadata.name, labels: template.metadata.labels, ports: [...ports, anyPort] }];
}

/** Workloads by the names that lead to them: those of their services. */
function workloads(manifests: Manifest[], pods: Pod[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const { kind, metadata, spec } of manifests) {
    if (kind !== "Service") continue;
    const pod = pods.find(
      ({ labels = {}, namespace }) =>
        namespace === metadata.namespace &&
        Object.entries(spec.selector as Record<string, string>).every(([key, value]) => labels[key] === value),
    );
    if (pod) found.set(metadata.name, pod.name);
  }
  for (const { kind, metadata } of manifests) {
    if (kind === "Cluster") found.set(`${metadata.name}-rw`, metadata.name);
    if (kind === "Pooler") found.set(metadata.name, metadata.name);
  }
  return found;
}

/** Environment and files of each workload. */
function toldTo(manifests: Manifest[]): Map<string, string[]> {
  const secrets = new Map(
    manifests
      .filter(({ kind }) => kind === "Secret")
      .map(({ metadata, stringData }) => [metadata.name, Object.values(stringData as Record<string, string>)]),
  );
  return new Map(
    manifests
      .filter(({ kind }) => ["Deployment", "StatefulSet"].includes(kind))
      .map(({ metadata, spec }) => {
        const { containers, volumes } = spec.template.spec;
        const env = containers.flatMap(
          ({ env = [], command = [] }: { env?: { name: string; value?: string }[]; command?: string[] }) => [
            ...env.map(({ name, value = "" }) => `${name}=${value}`),
            ...command,
          ],
        );
        const files = volumes.flatMap(({ secret }: { secret?: { secretName: string } }) =>
          secret ? (secrets.get(secret.secretName) ?? []) : [],
        );
        return [metadata.name, [...env, ...files]];
      }),
  );
}
