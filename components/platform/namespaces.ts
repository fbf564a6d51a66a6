import { ComponentResource, type ComponentResourceOptions, type Input, type Output, output } from "@pulumi/pulumi";
import { child } from "../component.ts";
import { internet, podsOf } from "../primitives/kubernetes/policy.ts";
import { sdk } from "../sdk.ts";

export interface NamespaceArgs {
  name: Input<string>;
  /** Which of Kubernetes' pod security standards is enforced. @default "restricted" */
  podSecurity?: "restricted" | "privileged";
  /** Most that everything in it may reserve: cores, and GiB of memory and of volumes. @default no limit */
  quota?: { cpu: number; memory: number; storage: number };
  /** Whether it refuses to be deleted, with all that is in it. @default false */
  protect?: boolean;
  /** Further labels. @default {} */
  labels?: Record<string, string>;
  /** Whether its pods may call the internet, and the front door in this namespace. @default neither */
  outbound?: { frontDoor: string };
  /** Where names are looked up. @default CoreDNS in kube-system, and the addresses of NodeLocal DNSCache */
  dns?: Dns;
}

/** Who answers look-ups of names in a cluster. */
export interface Dns {
  /** Namespace of its pods, and the port they listen on: a policy sees the pod's, not the service's. */
  namespace: string;
  port: number;
  /** Addresses of caches that are programs of the node, which no selector of pods finds. */
  addresses: string[];
}

/** kubeadm, EKS, AKS, k3s as they come; the two addresses are those of NodeLocal DNSCache on GKE and in kubespray. */
export const usualDns: Dns = { namespace: "kube-system", port: 53, addresses: ["169.254.20.10", "169.254.25.10"] };

/** A namespace that is closed: no pod with rights, and no call in or out that a policy does not allow. */
export class ClosedNamespace extends ComponentResource {
  /** Its name, known when it is closed: whatever is made in it comes after its policies. */
  readonly name: Output<string>;
  /** By which the cluster tells it from another one of its name, before or after it. */
  readonly uid: Output<string>;

  constructor(name: string, args: NamespaceArgs, options?: ComponentResourceOptions) {
    super("devflow:platform:ClosedNamespace", name, {}, options);
    const { core, networking } = sdk.kubernetes();
    const namespace = child(
      core.v1.Namespace,
      name,
      {
        metadata: {
          name: args.name,
          labels: { ...podSecurityLabels(args.podSecurity), "app.kubernetes.io/part-of": "devflow", ...args.labels },
        },
      },
      this,
      undefined,
      { protect: args.protect === true, retainOnDelete: args.protect === true },
    );
    this.uid = namespace.metadata.uid;
    const about = (object: string) => ({ name: object, namespace: namespace.metadata.name });
    const everyPod = { podSelector: {} };
    const policies = {
      "deny-all": { ...everyPod, policyTypes: ["Ingress", "Egress"] },
      "allow-names": { ...everyPod, policyTypes: ["Egress"], egress: [lookUps(args.dns)] },
      // Elsewhere each workload says itself whom it calls; programs of a tenant say nothing.
      ...(args.quota && {
        "allow-within": { ...everyPod, policyTypes: ["Egress"], egress: [{ to: [everyPod] }] },
        "allow-own": { ...everyPod, policyTypes: ["Ingress"], ingress: [{ from: [everyPod] }] },
      }),
      ...(args.outbound && {
        "allow-outside": {
          ...everyPod,
          policyTypes: ["Egress"],
          egress: [{ to: [...internet(), podsOf(args.outbound.frontDoor)] }],
        },
      }),
    };
    const made = Object.entries(policies).map(([key, spec]) =>
      child(networking.v1.NetworkPolicy, `${name}-${key}`, { metadata: about(key), spec }, this),
    );
    const { quota } = args;
    if (quota) {
      child(core.v1.ResourceQuota, name, { metadata: about("quota"), spec: { hard: hard(quota) } }, this);
      child(core.v1.LimitRange, name, { metadata: about("limits"), spec: { limits: [limits] } }, this);
    }
    const [first] = made;
    this.name = first
      ? output([args.name, first.metadata.namespace]).apply(([name]) => name as string)
      : namespace.metadata.name;
    this.registerOutputs({ name: this.name });
  }
}

/** The strictest standard, enforced and told, unless the namespace is for what it does not allow. */
function podSecurityLabels(level: NamespaceArgs["podSecurity"] = "restricted"): Record<string, string> {
  return {
    "pod-security.kubernetes.io/enforce": level,
    "pod-security.kubernetes.io/enforce-version": "latest",
    "pod-security.kubernetes.io/audit": level,
    "pod-security.kubernetes.io/warn": level,
  };
}

function lookUps({ namespace, port, addresses }: Dns = usualDns) {
  const ports = [...new Set([53, port])].flatMap((one) => ["UDP", "TCP"].map((protocol) => ({ port: one, protocol })));
  const caches = addresses.map((address) => ({ ipBlock: { cidr: `${address}/${address.includes(":") ? 128 : 32}` } }));
  return { to: [podsOf(namespace), ...caches], ports };
}

function hard({ cpu, memory, storage }: NonNullable<NamespaceArgs["quota"]>): Record<string, string> {
  return {
    "requests.cpu": String(cpu),
    "requests.memory": `${memory}Gi`,
    "limits.memory": `${memory * 2}Gi`,
    "requests.storage": `${storage}Gi`,
    pods: String(Math.max(10, cpu * 20)),
    // Each of these would be a way around the front door.
    "services.loadbalancers": "0",
    "services.nodeports": "0",
  };
}

/** For containers that say nothing themselves; without it a quota would refuse them. */
const limits = {
  type: "Container",
  default: { cpu: "500m", memory: "512Mi" },
  defaultRequest: { cpu: "50m", memory: "128Mi" },
};
