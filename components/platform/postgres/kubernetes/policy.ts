import type { ComponentResource } from "@pulumi/pulumi";
import { metadata, object } from "../../../primitives/kubernetes/object.ts";
import { callersOf, podsOf } from "../../../primitives/kubernetes/policy.ts";
import { sdk } from "../../../sdk.ts";
import { surroundings } from "../../../surroundings.ts";

/**
 * The database for the platform, its instances for one another and for the operator. Instances watch their Cluster by the
 * cluster's API, whose address no policy can name, and write backups to a bucket: both by HTTPS.
 */
export function allowPostgres(name: string, port: number, parent: ComponentResource): void {
  const { NetworkPolicy } = sdk.kubernetes().networking.v1;
  const { apiPorts = [443, 6443], backups, keda, operators, places } = surroundings("kubernetes");
  const operator = podsOf(operators.cloudNativePg);
  // Its initialising jobs too, and not the poolers, which have the label of the cluster as well.
  const ofCluster = {
    matchLabels: { "cnpg.io/cluster": name },
    matchExpressions: [{ key: "cnpg.io/podRole", operator: "NotIn", values: ["pooler"] }],
  };
  const instances = { podSelector: ofCluster };
  const pooler = poolerOf(name);
  const poolers = { podSelector: { matchLabels: { "cnpg.io/poolerName": pooler } } };
  places.set(name, [instances]);
  places.set(pooler, [poolers]);
  const bucketPort = backups?.endpoint === undefined ? 443 : portOf(new URL(backups.endpoint));
  const https = [...new Set([...apiPorts, ...(backups ? [bucketPort] : [])])];
  object(
    NetworkPolicy,
    name,
    {
      metadata: metadata(name),
      spec: {
        podSelector: ofCluster,
        policyTypes: ["Ingress", "Egress"],
        ingress: callersOf(name).apply((callers) => [
          ...callers,
          { from: [poolers, ...(keda ? [podsOf(operators.keda)] : [])], ports: [tcp(port)] },
          { from: [instances, operator], ports: [tcp(port), tcp(8000)] },
        ]),
        egress: [{ to: [instances], ports: [tcp(port), tcp(8000)] }, { ports: https.map(tcp) }],
      },
    },
    parent,
  );
  object(
    NetworkPolicy,
    pooler,
    {
      metadata: metadata(pooler, name),
      spec: {
        podSelector: poolers.podSelector,
        policyTypes: ["Ingress", "Egress"],
        ingress: callersOf(pooler),
        egress: [{ to: [instances], ports: [tcp(port)] }, { ports: apiPorts.map(tcp) }],
      },
    },
    parent,
  );
}

/** Name of a cluster's pooler. */
export function poolerOf(cluster: string): string {
  return `${cluster}-pooler`;
}

function tcp(port: number) {
  return { port, protocol: "TCP" };
}

function portOf({ port, protocol }: URL): number {
  return port ? Number(port) : protocol === "https:" ? 443 : 80;
}
