import { Type } from "typebox";
import type { StackKind } from "./kinds.ts";
import { Volumes } from "./volumes.ts";

const clusters: readonly StackKind[] = ["saas", "dedicated"];
const saasOnly: readonly StackKind[] = ["saas"];

/** Name of an object of Kubernetes. */
const namePattern = "^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$";
const nameAllowed = "lower-case letters, digits, dashes and dots, a letter or digit first and last";
/** Name of a namespace, a service or a label: no dots. */
const labelPattern = "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$";

export const sizeNames = ["small", "medium", "large"] as const;
export type SizeName = (typeof sizeNames)[number];

export const Kubernetes = Type.Object(
  {
    kubeconfig: Type.Optional(
      Type.String({
        title: "Kubeconfig",
        description: "File that says how the cluster is reached. Without it: KUBECONFIG, else ~/.kube/config.",
        examples: ["./cluster.kubeconfig"],
        minLength: 1,
        "x-allowed": "path of a file",
        "x-path": true,
        "x-stacks": saasOnly,
      }),
    ),
    context: Type.Optional(
      Type.String({
        title: "Context",
        description:
          "Which cluster of the kubeconfig. Without it the current one, which another terminal may change at any time.",
        examples: ["production"],
        minLength: 1,
        "x-allowed": "the name of a context of the kubeconfig",
        "x-stacks": saasOnly,
      }),
    ),
    namespace: Type.String({
      title: "Namespace",
      description: "Namespace of the platform, which is made and belongs to this stack alone.",
      default: "devflow",
      examples: ["devflow"],
      pattern: labelPattern,
      "x-allowed": "lower-case letters, digits and dashes, at most 63 characters",
      "x-stacks": clusters,
    }),
    size: Type.Enum([...sizeNames], {
      title: "Size",
      description: "How much of everything there is; docs/kubernetes.md has the table with the nodes each needs.",
      default: "small",
      examples: ["small", "medium", "large"],
      "x-stacks": clusters,
    }),
    ha: Type.Boolean({
      title: "High availability",
      description:
        "A second one of everything that can have it, on another node: the platform stays up when one node is lost.",
      default: false,
      examples: [true, false],
      "x-stacks": clusters,
    }),
    keda: Type.Boolean({
      title: "KEDA",
      description: "The operator KEDA is there: pods of the services follow the jobs that wait, not only the load.",
      default: false,
      examples: [true, false],
      "x-stacks": clusters,
    }),
    protect: Type.Boolean({
      title: "Protect data",
      description:
        "Whether what keeps data refuses to be deleted, also by destroy: databases, volumes, namespaces. Set it to false and run up before a teardown.",
      default: true,
      examples: [true, false],
      "x-stacks": saasOnly,
    }),
    storageClass: Type.Optional(
      Type.String({
        title: "Storage class",
        description: "Class of the volumes. Without it the cluster's default one.",
        examples: ["fast-ssd"],
        pattern: namePattern,
        "x-allowed": nameAllowed,
        "x-stacks": clusters,
      }),
    ),
    volumes: Type.Optional(Volumes),
    ingress: Type.Object(
      {
        kind: Type.Enum(["gateway", "ingress"], {
          title: "Front door",
          description:
            "gateway: objects of the Gateway API. ingress: Ingresses, for controllers that know nothing else.",
          default: "gateway",
          examples: ["gateway", "ingress"],
          "x-stacks": clusters,
        }),
        class: Type.String({
          title: "Class of the front door",
          description: "GatewayClass or IngressClass: names the controller that serves it.",
          default: "traefik",
          examples: ["traefik", "cilium", "eg"],
          pattern: namePattern,
          "x-allowed": nameAllowed,
          "x-stacks": clusters,
        }),
        namespace: Type.String({
          title: "Namespace of the front door",
          description:
            "Where the pods of that controller run that carry the traffic: they alone may reach the platform from outside. The platform's own where the controller puts them beside each Gateway.",
          default: "traefik",
          examples: ["traefik", "envoy-gateway-system"],
          pattern: labelPattern,
          "x-allowed": "lower-case letters, digits and dashes, at most 63 characters",
          "x-stacks": clusters,
        }),
        ports: Type.Optional(
          Type.Object(
            {
              http: port("Port for http", 8000),
              https: port("Port for https", 8443),
            },
            {
              title: "Ports of the Gateway",
              description:
                "Ports of the Gateway's listeners. Without it those of the class: 8000 and 8443 for traefik, which matches a listener with an entry point by its container's port, else 80 and 443. People always use 80 and 443.",
              additionalProperties: false,
            },
          ),
        ),
        annotations: Type.Record(Type.String(), Type.String(), {
          title: "Annotations of the front door",
          description:
            "For the controller, on the Gateway or on every Ingress. What nginx and haproxy need for large pushes and long streams is set anyway; these come on top.",
          default: {},
          examples: [{ "nginx.ingress.kubernetes.io/limit-rps": "200" }],
          "x-stacks": clusters,
        }),
        addresses: Type.Array(
          Type.String({
            format: "range",
            maxLength: 43,
            "x-allowed": "an address such as 10.0.0.7 or a range such as 10.1.0.0/16 or fd00::/8",
          }),
          {
            title: "Addresses of the front door",
            description:
              "Where the front door's pods connect from, such as the pods' network: what they say of a client's address is believed. Without it every private address counts, since policies of the network let nobody in but the front door and the platform's own pods.",
            default: ["10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"],
            examples: [["10.42.0.0/16"]],
            minItems: 1,
            maxItems: 100,
            "x-stacks": clusters,
          },
        ),
        issuer: Type.Optional(
          Type.String({
            title: "Certificate issuer",
            description:
              "cert-manager's ClusterIssuer that gives the certificates. Without it one is made: of a public authority by ACME (network.tls auto), or self-signed (internal).",
            examples: ["letsencrypt"],
            pattern: namePattern,
            "x-allowed": nameAllowed,
            "x-stacks": clusters,
          }),
        ),
      },
      { title: "Front door", description: "How people get into the cluster.", additionalProperties: false },
    ),
    dns: Type.Object(
      {
        namespace: Type.String({
          title: "Namespace of the name server",
          description: "Where the pods run that answer look-ups of names: a policy lets the platform's pods call them.",
          default: "kube-system",
          examples: ["kube-system", "openshift-dns"],
          pattern: labelPattern,
          "x-allowed": "lower-case letters, digits and dashes, at most 63 characters",
          "x-stacks": clusters,
        }),
        port: Type.Integer({
          title: "Port of the name server",
          description: "Port that those pods listen on, which may be another than the 53 of their service.",
          default: 53,
          examples: [53, 5353],
          minimum: 1,
          maximum: 65_535,
          "x-stacks": clusters,
        }),
        addresses: Type.Array(Type.String({ pattern: "^[0-9a-fA-F.:]+$", "x-allowed": "an IP address" }), {
          title: "Addresses of name caches",
          description:
            "Caches that run as programs of the nodes, which no selector of pods finds: NodeLocal DNSCache, the default on GKE.",
          default: ["169.254.20.10", "169.254.25.10"],
          examples: [["169.254.20.10"]],
          "x-stacks": clusters,
        }),
      },
      { title: "Names", description: "Who answers look-ups of names in the cluster.", additionalProperties: false },
    ),
    operators: Type.Object(
      {
        cloudNativePg: operator(
          "CloudNativePG",
          "cnpg-system",
          "It calls PostgreSQL's instances, so a policy lets it in.",
        ),
        certManager: operator("cert-manager", "cert-manager", "Preflight looks for its pods there."),
        secretStore: operator("External Secrets", "external-secrets", "Preflight looks for its pods there."),
        keda: operator("KEDA", "keda", "It counts the jobs in PostgreSQL, so a policy lets it in."),
      },
      {
        title: "Operators",
        description: "Where the cluster's operators run. That of the front door has a setting of its own.",
        additionalProperties: false,
      },
    ),
    apiPorts: Type.Array(Type.Integer({ minimum: 1, maximum: 65_535 }), {
      title: "Ports of the cluster's API",
      description:
        "Ports on which the API server answers pods, behind its service and by itself: PostgreSQL's instances watch their cluster by it, and a policy lets them.",
      default: [443, 6443],
      examples: [[443, 16443]],
      minItems: 1,
      maxItems: 10,
      "x-stacks": clusters,
    }),
    pullSecretName: Type.Optional(
      Type.String({
        title: "Pull secret",
        description:
          "Secret of the namespace that opens the registry; made by you once the namespace is there, since its password belongs into no file.",
        examples: ["registry"],
        pattern: namePattern,
        "x-allowed": nameAllowed,
        "x-stacks": clusters,
      }),
    ),
    readLogs: Type.Boolean({
      title: "Read the output of pods",
      description:
        "Whether a pod on each node, in a namespace of its own, brings the output of the platform's pods to Loki. Set it to false where the cluster has an agent for that, or lets no pod see the files of its node.",
      default: true,
      examples: [true, false],
      "x-stacks": clusters,
    }),
    readLogsAs: Type.Optional(
      Type.String({
        title: "SELinux type of the reader of logs",
        description:
          "Type that lets the reader see the nodes' files of logs where SELinux is in force (RHEL, Rocky, RKE2). Without it the engine's usual one, which reads none there.",
        examples: ["container_logreader_t", "rke_logreader_t"],
        pattern: "^[a-z][a-z0-9_]*_t$",
        "x-allowed": "the name of a type, which ends in _t",
        "x-stacks": clusters,
      }),
    ),
    watchVolumes: Type.Boolean({
      title: "Watch volumes",
      description:
        "Whether a pod on each node asks its kubelet how full the platform's volumes are, for the alert at four fifths. It needs a right of the whole cluster: get of nodes/stats. Set it to false where you may not give that, or where somebody watches volumes anyway.",
      default: true,
      examples: [true, false],
      "x-stacks": clusters,
    }),
    secretStore: Type.Optional(
      Type.String({
        title: "Secret store",
        description:
          "ClusterSecretStore of the operator External Secrets. Every generated secret is kept there too, so that a lost cluster does not take its keys along.",
        examples: ["vault"],
        pattern: namePattern,
        "x-allowed": nameAllowed,
        "x-stacks": clusters,
      }),
    ),
    reachable: Type.Array(Type.String({ pattern: "^[0-9a-fA-F.:]+/[0-9]{1,3}$" }), {
      title: "Reachable networks",
      description:
        "Address ranges besides the internet that the platform may call, such as the company network that Jira is in.",
      default: [],
      examples: [["10.20.0.0/16"]],
      "x-stacks": clusters,
    }),
    tenants: Type.Array(
      Type.Object(
        {
          name: Type.String({
            title: "Tenant",
            description: "Names the tenant's namespace, below the platform's own name.",
            examples: ["acme"],
            pattern: "^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$",
            "x-allowed": "lower-case letters, digits and dashes, a letter first, at most 32 characters",
          }),
          cpu: Type.Integer({ title: "Cores", description: "Cores it may reserve.", examples: [4], minimum: 1 }),
          memory: Type.Integer({
            title: "Memory",
            description: "GiB of memory it may reserve.",
            examples: [8],
            minimum: 1,
            "x-unit": "GiB",
          }),
          storage: Type.Integer({
            title: "Storage",
            description: "GiB of volumes it may claim.",
            examples: [50],
            minimum: 0,
            "x-unit": "GiB",
          }),
        },
        { title: "Tenant", description: "One tenant's namespace.", additionalProperties: false },
      ),
      {
        title: "Tenants",
        description: "Namespaces for tenants' own programs, each closed to the others and with a limit of its own.",
        default: [],
        examples: [[{ name: "acme", cpu: 4, memory: 8, storage: 50 }]],
        "x-stacks": clusters,
      },
    ),
  },
  { title: "Kubernetes", description: "The cluster that the platform runs on.", additionalProperties: false },
);

function port(title: string, example: number) {
  return Type.Optional(
    Type.Integer({
      title,
      description: "Port of the Gateway's listener.",
      examples: [example],
      minimum: 1,
      maximum: 65_535,
      "x-stacks": clusters,
    }),
  );
}

function operator(title: string, namespace: string, why: string) {
  return Type.String({
    title: `Namespace of ${title}`,
    description: `Namespace that ${title} runs in. ${why}`,
    default: namespace,
    examples: [namespace],
    pattern: labelPattern,
    "x-allowed": "lower-case letters, digits and dashes, at most 63 characters",
    "x-stacks": clusters,
  });
}
