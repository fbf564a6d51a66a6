import type { Input } from "@pulumi/pulumi";
import { priority, spread } from "../../../primitives/kubernetes/availability.ts";
import { operandImage } from "../../../primitives/kubernetes/image.ts";
import { containerSecurity } from "../../../primitives/kubernetes/security.ts";
import type { PostgresArgs } from "../index.ts";

/** Connections that one of several poolers keeps to the server for a program: an eighth of all, shared among them. */
export function serverConnections(maxConnections: number, poolers: number): number {
  return Math.max(5, Math.floor(maxConnections / 8 / poolers));
}

/**
 * PgBouncer before the primary, one transaction at a time on a connection. For programs that open many connections and
 * keep nothing in a session; the glue services listen for notifications and keep to the primary itself.
 */
export function poolerSpec(
  name: string,
  cluster: Input<string>,
  { maxConnections }: PostgresArgs,
  instances: number,
  labels: Record<string, string>,
) {
  return {
    cluster: { name: cluster },
    instances,
    type: "rw",
    pgbouncer: {
      poolMode: "transaction",
      parameters: {
        max_client_conn: "1000",
        default_pool_size: String(serverConnections(maxConnections, instances)),
        max_prepared_statements: "200",
        ignore_startup_parameters: "extra_float_digits",
      },
    },
    deploymentStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
    template: {
      metadata: { labels },
      spec: {
        ...priority("data"),
        ...(instances > 1 && { topologySpreadConstraints: spread(poolerPods(name), "Deployment") }),
        containers: [
          {
            name: "pgbouncer",
            image: operandImage("pgbouncer"),
            resources: { requests: { memory: "32Mi", cpu: "50m" }, limits: { memory: "128Mi", cpu: "500m" } },
            securityContext: containerSecurity,
          },
        ],
      },
    },
  };
}

/** Label by which the operator's pods of a pooler are found. */
export function poolerPods(name: string): Record<string, string> {
  return { "cnpg.io/poolerName": name };
}
