import type { Settings } from "../../stacks/config/index.ts";

/** An operator of a cluster that a stack of these settings stands on. */
export interface Operator {
  title: string;
  /** Namespace of its pods. */
  namespace: string;
  /** Kinds it defines that the stack uses: group, version and kinds. */
  kinds: { api: string; names: string[] }[];
  /** What does not work without it, and how to get it. */
  fix: string;
}

/** Those that a stack of kind `saas` needs, by its settings. A test holds this against what its program declares. */
export function operatorsOf(settings: Pick<Settings, "kubernetes" | "network" | "backups">): Operator[] {
  const { kubernetes, network } = settings;
  const { operators, ingress, keda, secretStore } = kubernetes;
  const backups = settings.backups.destination !== undefined;
  const all: (Operator | false)[] = [
    {
      title: "CloudNativePG",
      namespace: operators.cloudNativePg,
      kinds: [
        { api: "postgresql.cnpg.io/v1", names: ["Cluster", "Pooler", ...(backups ? ["ScheduledBackup"] : [])] },
        ...(backups ? [{ api: "barmancloud.cnpg.io/v1", names: ["ObjectStore"] }] : []),
      ],
      fix: backups
        ? "Install CloudNativePG and its barman-cloud plugin: https://cloudnative-pg.io/plugin-barman-cloud/docs/installation"
        : "Install CloudNativePG: https://cloudnative-pg.io/documentation/current/installation_upgrade",
    },
    network.tls !== "off" && {
      title: "cert-manager",
      namespace: operators.certManager,
      kinds: [{ api: "cert-manager.io/v1", names: [ingress.issuer === undefined ? "Issuer" : "ClusterIssuer"] }],
      fix: "Install cert-manager: https://cert-manager.io/docs/installation",
    },
    ingress.kind === "gateway" && {
      title: "the Gateway API",
      namespace: ingress.namespace,
      kinds: [{ api: "gateway.networking.k8s.io/v1", names: ["Gateway", "HTTPRoute"] }],
      fix: "Install the Gateway API and a controller of it (https://gateway-api.sigs.k8s.io/guides), or set kubernetes.ingress.kind=ingress",
    },
    keda && {
      title: "KEDA",
      namespace: operators.keda,
      kinds: [{ api: "keda.sh/v1alpha1", names: ["ScaledObject", "TriggerAuthentication"] }],
      fix: "Install KEDA (https://keda.sh/docs/latest/deploy), or set kubernetes.keda=false",
    },
    secretStore !== undefined && {
      title: "External Secrets",
      namespace: operators.secretStore,
      kinds: [{ api: "external-secrets.io/v1alpha1", names: ["PushSecret"] }],
      fix: "Install External Secrets (https://external-secrets.io/latest/introduction/getting-started), or leave out kubernetes.secretStore",
    },
  ];
  return all.filter((one) => one !== false);
}
