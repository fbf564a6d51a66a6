import type { ComponentResource } from "@pulumi/pulumi";
import { metadata, object } from "../../../primitives/kubernetes/object.ts";
import { podsOf } from "../../../primitives/kubernetes/policy.ts";
import { sdk } from "../../../sdk.ts";
import { surroundings } from "../../../surroundings.ts";

/**
 * The database for the platform, its instances for one another and for the operator. Instances watch their Cluster by the
 * cluster's API, whose address no policy can name, and write backups to a bucket: both by HTTPS.
 */
export function allowPostgres(name: string, port: number, parent: ComponentResource): void {
  const { NetworkPolicy } = sdk.kubernetes().networking.v1;
  const { backups, keda, operators } = surroundings("kubernetes");
  const platform = { podSelector: { matchLabels: { "app.kubernetes.io/part-of": "devflow" } } };
  const operator = podsOf(operators.cloudNativePg);
  const instances = { podSelector: { matchLabels: { "cnpg.io/cluster": name } } };
  const bucketPort = backups?.endpoint === undefined ? 443 : portOf(new URL(backups.endpoint));
  const https = [...new Set([443, 6443, ...(backups ? [bucketPort] : [])])];
  object(
    NetworkPolicy,
    name,
    {
      metadata: metadata(name),
      spec: {
        // Its initialising jobs too.
        podSelector: { matchLabels: { "cnpg.io/cluster": name } },
        policyTypes: ["Ingress", "Egress"],
        ingress: [
          { from: [platform, ...(keda ? [podsOf(operators.keda)] : [])], ports: [tcp(port)] },
          { from: [instances, operator], ports: [tcp(port), tcp(8000)] },
        ],
        egress: [{ to: [instances], ports: [tcp(port), tcp(8000)] }, { ports: https.map(tcp) }],
      },
    },
    parent,
  );
  object(
    NetworkPolicy,
    `${name}-pooler`,
    {
      metadata: metadata(`${name}-pooler`, name),
      spec: {
        podSelector: { matchLabels: { "cnpg.io/poolerName": `${name}-pooler` } },
        policyTypes: ["Ingress", "Egress"],
        ingress: [{ from: [platform], ports: [tcp(port)] }],
        egress: [{ to: [instances], ports: [tcp(port)] }, { ports: [443, 6443].map(tcp) }],
      },
    },
    parent,
  );
}

function tcp(port: number) {
  return { port, protocol: "TCP" };
}

function portOf({ port, protocol }: URL): number {
  return port ? Number(port) : protocol === "https:" ? 443 : 80;
}
