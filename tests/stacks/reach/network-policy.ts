import { BlockList, isIP } from "node:net";
import type { Manifest } from "../saas/manifests.ts";

/** What takes part in a connection: a pod, or an address of something that is no pod. */
export interface Party {
  name: string;
  /** Of a pod. */
  namespace?: string;
  labels?: Record<string, string>;
  address: string;
}

interface Peer {
  podSelector?: Selector;
  namespaceSelector?: Selector;
  ipBlock?: { cidr: string; except?: string[] };
}

interface Selector {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key: string; operator: string; values?: string[] }[];
}

interface Rule {
  from?: Peer[];
  to?: Peer[];
  ports?: { port?: number; protocol?: string }[];
}

interface Spec {
  podSelector: Selector;
  policyTypes?: string[];
  ingress?: Rule[];
  egress?: Rule[];
}

/**
 * Whether a connection comes about, by what Kubernetes says of its NetworkPolicies: a pod that no policy selects for a
 * direction is open in it, one that is selected is open to what any of them lists, and both ends have to agree. Parts of
 * the language that no stack uses are errors, so that none is silently ignored.
 * https://kubernetes.io/docs/concepts/services-networking/network-policies/
 */
export function networkOf(manifests: Manifest[]): (from: Party, to: Party, port: number) => boolean {
  const policies = manifests
    .filter(({ kind }) => kind === "NetworkPolicy")
    .map(({ metadata, spec }) => ({ namespace: metadata.namespace, spec: known(spec) }));
  const namespaces = new Map(
    manifests.filter(({ kind }) => kind === "Namespace").map(({ metadata }) => [metadata.name, metadata.labels ?? {}]),
  );
  const shut = { Ingress: new Map<Party, typeof policies>(), Egress: new Map<Party, typeof policies>() };
  return (from, to, port) => leaves(from, to, port) && enters(from, to, port);

  function leaves(from: Party, to: Party, port: number): boolean {
    const own = selecting(from, "Egress");
    if (own === undefined) return true;
    return own.some(({ spec, namespace }) =>
      (spec.egress ?? []).some((rule) => opens(rule, port) && isAmong(rule.to, to, namespace)),
    );
  }

  function enters(from: Party, to: Party, port: number): boolean {
    const own = selecting(to, "Ingress");
    if (own === undefined) return true;
    return own.some(({ spec, namespace }) =>
      (spec.ingress ?? []).some((rule) => opens(rule, port) && isAmong(rule.from, from, namespace)),
    );
  }

  /** The policies that shut a pod in a direction; undefined for none, and for what is no pod. */
  function selecting(party: Party, direction: "Ingress" | "Egress") {
    const known = shut[direction].get(party);
    if (known) return known.length > 0 ? known : undefined;
    const found = select(party, direction);
    shut[direction].set(party, found);
    return found.length > 0 ? found : undefined;
  }

  function select({ namespace, labels }: Party, direction: "Ingress" | "Egress") {
    if (labels === undefined) return [];
    return policies.filter((policy) => {
      const types = policy.spec.policyTypes ?? ["Ingress", ...(policy.spec.egress ? ["Egress"] : [])];
      return policy.namespace === namespace && types.includes(direction) && matches(policy.spec.podSelector, labels);
    });
  }

  function isAmong(peers: Peer[] | undefined, party: Party, namespace: string | undefined): boolean {
    return peers === undefined || peers.length === 0 || peers.some((peer) => isPeer(peer, party, namespace));
  }

  function isPeer(peer: Peer, party: Party, namespace: string | undefined): boolean {
    if (peer.ipBlock) {
      const { cidr, except = [] } = peer.ipBlock;
      return within(cidr, party.address) && !except.some((range) => within(range, party.address));
    }
    if (party.labels === undefined || party.namespace === undefined) return false;
    const there = {
      ...namespaces.get(party.namespace),
      "kubernetes.io/metadata.name": party.namespace,
    };
    const inNamespace = peer.namespaceSelector ? matches(peer.namespaceSelector, there) : party.namespace === namespace;
    return inNamespace && matches(peer.podSelector ?? {}, party.labels);
  }
}

function opens({ ports }: Rule, port: number): boolean {
  return ports === undefined || ports.length === 0 || ports.some((one) => one.port === port && one.protocol === "TCP");
}

function matches({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Record<string, string>): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key];
      if (operator === "In") return value !== undefined && values.includes(value);
      if (operator === "NotIn") return value === undefined || !values.includes(value);
      throw new Error(`the operator ${operator} is not evaluated here`);
    })
  );
}

const lists = new Map<string, BlockList>();

function within(cidr: string, address: string): boolean {
  const [network = "", bits] = cidr.split("/");
  if (isIP(network) !== isIP(address)) return false;
  const family = isIP(network) === 6 ? "ipv6" : "ipv4";
  const list = lists.get(cidr) ?? new BlockList();
  if (!lists.has(cidr)) list.addSubnet(network, Number(bits), family);
  lists.set(cidr, list);
  return list.check(address, family);
}

const fields = {
  spec: ["podSelector", "policyTypes", "ingress", "egress"],
  rule: ["from", "to", "ports"],
  peer: ["podSelector", "namespaceSelector", "ipBlock"],
  port: ["port", "protocol"],
  selector: ["matchLabels", "matchExpressions"],
};

/** @throws Error for a field that is not evaluated */
function known(spec: Spec): Spec {
  only(spec, "spec");
  only(spec.podSelector, "selector");
  for (const rule of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) {
    only(rule, "rule");
    for (const port of rule.ports ?? []) only(port, "port");
    for (const peer of [...(rule.from ?? []), ...(rule.to ?? [])]) {
      only(peer, "peer");
      for (const selector of [peer.podSelector, peer.namespaceSelector]) if (selector) only(selector, "selector");
    }
  }
  return spec;
}

function only(value: object, kind: keyof typeof fields): void {
  const strange = Object.keys(value).filter((key) => !fields[kind].includes(key));
  if (strange.length > 0) throw new Error(`${strange.join(", ")} of a ${kind} is not evaluated here`);
}
