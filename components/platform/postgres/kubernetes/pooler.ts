import type { Input } from "@pulumi/pulumi";
import { imageReference } from "../../../primitives/image.ts";
import { containerSecurity } from "../../../primitives/kubernetes/security.ts";
import type { PostgresArgs } from "../index.ts";

/**
 * PgBouncer before the primary, one transaction at a time on a connection. For programs that open many connections and
 * keep nothing in a session; the glue services listen for notifications and keep to the primary itself.
 */
export function poolerSpec(
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
        // Half of what the server accepts is the services' own, shared among the poolers.
        default_pool_size: String(Math.max(5, Math.floor(maxConnections / 2 / instances / 4))),
        max_prepared_statements: "200",
        ignore_startup_parameters: "extra_float_digits",
      },
    },
    deploymentStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
    template: {
      metadata: { labels },
      spec: {
        containers: [
          {
            name: "pgbouncer",
            image: imageReference("pgbouncer"),
            resources: { requests: { memory: "32Mi", cpu: "50m" }, limits: { memory: "128Mi", cpu: "500m" } },
            securityContext: containerSecurity,
          },
        ],
      },
    },
  };
}
