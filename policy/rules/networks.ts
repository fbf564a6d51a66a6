import { at, list, type Resource, type Rule } from "../rule.ts";

const policyType = "kubernetes:networking.k8s.io/v1:NetworkPolicy";

/** Labels that many workloads share: a rule that lets these in lets in what nobody thought of. */
const shared = ["app.kubernetes.io/part-of", "app.kubernetes.io/instance", "app.kubernetes.io/managed-by"];

/** Who may call a workload is named, with the ports: what people wrote stands in the same network as what keeps their data. */
export const networks: Rule = {
  name: "no-open-inner-ports",
  description:
    "Policies of a network let named callers at named ports; containers that run what people wrote meet nobody else.",
  all: (resources) => [...policies(resources), ...containers(resources)],
};

function policies(resources: Resource[]) {
  const free = tenants(resources);
  return resources
    .filter(({ type, inputs }) => type === policyType && !free.has(at(inputs, "metadata", "namespace")))
    .flatMap(({ urn, inputs }) => {
      const rules = [
        ...list(at(inputs, "spec", "ingress")).map((rule) => ({ rule, peers: list(at(rule, "from")), way: "in" })),
        ...list(at(inputs, "spec", "egress")).map((rule) => ({ rule, peers: list(at(rule, "to")), way: "out" })),
      ];
      return rules.flatMap(({ rule, peers, way }) => {
        const open = peers.filter(isOpen);
        const ports = list(at(rule, "ports"));
        return [
          ...open.map(() => ({
            urn,
            message: `A rule that lets ${way} names no workload but a label that many have.`,
          })),
          // Out, an API of the cluster is called at addresses that nobody knows beforehand.
          ...(peers.length === 0 && (way === "in" || ports.length === 0)
            ? [{ urn, message: `A rule lets everybody ${way}: name who, and the ports.` }]
            : []),
          ...(way === "in" && ports.length === 0 && !peers.every(isCluster)
            ? [{ urn, message: "A rule lets its callers in at every port: name those that they use." }]
            : []),
        ];
      });
    });
}

/** Pods of one's own namespace by no label of their own. */
function isOpen(peer: unknown): boolean {
  if (at(peer, "namespaceSelector") !== undefined || at(peer, "podSelector") === undefined) return false;
  const labels = Object.keys((at(peer, "podSelector", "matchLabels") ?? {}) as object);
  return labels.every((label) => shared.includes(label));
}

/** The members of one program, which call one another on ports of their own choice. */
function isCluster(peer: unknown): boolean {
  return at(peer, "podSelector", "matchLabels", "app.kubernetes.io/component") !== undefined;
}

/** Namespaces that belong to somebody else, whose pods are all theirs. */
function tenants(resources: Resource[]): Set<unknown> {
  const found = resources.filter(
    ({ type, inputs }) =>
      type === "kubernetes:core/v1:Namespace" && at(inputs, "metadata", "labels", "devflow.dev/tenant") !== undefined,
  );
  return new Set(found.map(({ inputs }) => at(inputs, "metadata", "name")));
}

interface Container {
  urn: string;
  name: string;
  confined: boolean;
  calls: string[];
  networks: unknown[];
}

/** On a bridge everybody reaches everybody: those that a confined one meets are the ones it calls and its callers. */
function containers(resources: Resource[]) {
  const apart = new Set(
    resources
      .filter(({ type, inputs }) => type === "docker:index/network:Network" && isApart(inputs))
      .map(({ inputs }) => inputs.name),
  );
  const all = resources.filter(({ type }) => type === "docker:index/container:Container").map(containerOf);
  return all.flatMap((one) =>
    all
      .filter(
        (other) =>
          one.confined &&
          other !== one &&
          one.networks.some((name) => other.networks.includes(name) && !apart.has(name)),
      )
      .filter((other) => !one.calls.includes(other.name) && !other.calls.includes(one.name))
      .map((other) => ({
        urn: one.urn,
        message: `${one.name} runs what people wrote and is on a network with ${other.name}, which it neither calls nor is called by.`,
      })),
  );
}

function containerOf({ urn, name, inputs }: Resource): Container {
  const labels = new Map(list(inputs.labels).map((each) => [at(each, "label"), String(at(each, "value"))]));
  return {
    urn,
    name: labels.get("dev.devflow.workload") ?? name,
    confined: labels.get("dev.devflow.confined") === "true",
    calls: (labels.get("dev.devflow.calls") ?? "").split(","),
    networks: list(inputs.networksAdvanced).map((each) => at(each, "name")),
  };
}

function isApart(inputs: Record<string, unknown>): boolean {
  return at(inputs, "options", "com.docker.network.bridge.enable_icc") === "false";
}
