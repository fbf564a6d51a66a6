import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import type { PostgresServer } from "../../glue-services/postgres-server.ts";
import type { ApiObject, Cluster } from "./cluster.ts";

/**
 * What the operators of a cluster do as far as a stack waits for it, since nothing runs in simulated pods: CloudNativePG
 * starts an instance, gives its administrator the password of the Secret and says that the cluster is ready; cert-manager
 * says so of an issuer. The instance is a real PostgreSQL of this machine, where forwarded ports lead.
 */
export function startOperators(cluster: Cluster, postgres: PostgresServer, namespace: string): () => Promise<void> {
  let going = true;
  const done = (async () => {
    while (going) {
      // What is not there yet is looked for again.
      await Promise.allSettled([database(), issuer()]);
      await sleep(300);
    }
  })();
  return async () => {
    going = false;
    await done;
  };

  async function database(): Promise<void> {
    const found = await cluster.read("postgresql.cnpg.io/v1", "Cluster", "postgres", namespace);
    if (isReady(found)) return;
    await cluster.apply(instance(namespace));
    const { data } = await cluster.read("v1", "Secret", "postgres-superuser", namespace);
    const password = Buffer.from(data.password, "base64").toString();
    const { port, superuser } = postgres;
    const client = new pg.Client({ host: "127.0.0.1", port, user: superuser, password: current, database: "postgres" });
    await client.connect();
    await client.query(`ALTER ROLE ${superuser} PASSWORD ${pg.escapeLiteral(password)}`);
    await client.end();
    current = password;
    await cluster.setReady(found);
  }

  async function issuer(): Promise<void> {
    const found = await cluster.read("cert-manager.io/v1", "Issuer", "devflow", namespace);
    if (!isReady(found)) await cluster.setReady(found);
  }
}

/** The password of PostgreSQL's administrator, as the last of these operators left it. */
let current = "tests-only";

function isReady({ status }: ApiObject): boolean {
  return status?.conditions?.some(
    ({ type, status: its }: Record<string, string>) => type === "Ready" && its === "True",
  );
}

/** A pod as the operator labels it; it is closed off as restricted security wants. */
export function instance(namespace: string, name = "postgres-1", labels: Record<string, string> = primary): ApiObject {
  return {
    ...{ apiVersion: "v1", kind: "Pod", metadata: { name, namespace, labels } },
    spec: {
      securityContext: { runAsNonRoot: true, runAsUser: 26, seccompProfile: { type: "RuntimeDefault" } },
      containers: [
        {
          name: "postgres",
          image: "example.com/postgres:18",
          resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { cpu: "100m", memory: "64Mi" } },
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
        },
      ],
    },
  };
}

const primary = { "cnpg.io/cluster": "postgres", "cnpg.io/instanceRole": "primary" };
