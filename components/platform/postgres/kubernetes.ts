import { type ComponentResource, output } from "@pulumi/pulumi";
import { credential } from "../../primitives/credential/index.ts";
import { disruptionBudget } from "../../primitives/kubernetes/availability.ts";
import { reachOf } from "../../primitives/kubernetes/cluster.ts";
import { keepsData, labels, metadata, object } from "../../primitives/kubernetes/object.ts";
import type { Reach } from "../../provider/reach/index.ts";
import { sdk } from "../../sdk.ts";
import { surroundings } from "../../surroundings.ts";
import type { PostgresArgs, PostgresOutputs } from "./index.ts";
import { archiveOf, backUp, bootstrap, walArchiver } from "./kubernetes/backup.ts";
import { clusterSpec } from "./kubernetes/cluster.ts";
import { measure } from "./kubernetes/measure.ts";
import { allowPostgres, poolerOf } from "./kubernetes/policy.ts";
import { poolerPods, poolerSpec } from "./kubernetes/pooler.ts";

/** Port on which CloudNativePG's pods and services always listen. */
const port = 5432;

/** A cluster of CloudNativePG: a primary with replicas, its write-ahead log in a bucket, connections pooled. */
export function kubernetes(name: string, args: PostgresArgs, parent: ComponentResource): PostgresOutputs {
  const { scale, backups, workloads } = surroundings("kubernetes");
  workloads.set("pgbouncer", name);
  const { core, apiextensions } = sdk.kubernetes();
  const user = "postgres";
  const password = credential("postgres/superuser", { parent });
  const superuser = object(
    core.v1.Secret,
    `${name}-superuser`,
    {
      metadata: metadata(`${name}-superuser`, name),
      type: "kubernetes.io/basic-auth",
      stringData: { username: user, password },
    },
    parent,
  );
  if (backups) backUp(name, backups, parent);
  const cluster = object(
    apiextensions.CustomResource,
    name,
    {
      apiVersion: "postgresql.cnpg.io/v1",
      kind: "Cluster",
      // The operator says so when every instance serves; databases are made after that.
      metadata: metadata(name, name, { "pulumi.com/waitFor": "condition=Ready" }),
      spec: {
        ...clusterSpec(args, scale.postgres, labels(name, name)),
        superuserSecret: { name: superuser.metadata.name },
        ...bootstrap(name, backups),
        ...(backups && { plugins: [walArchiver(name, archiveOf(name, backups))] }),
      },
    },
    parent,
    undefined,
    {
      ...keepsData(),
      // They count when it is made. Afterwards nothing said here makes another one of it, nor undoes a restore by hand.
      ignoreChanges: ["spec.bootstrap", "spec.externalClusters"],
      customTimeouts: { create: "20m", update: "30m" },
    },
  );
  const ready = cluster.metadata.name;
  const poolerName = poolerOf(name);
  const pooler = object(
    apiextensions.CustomResource,
    poolerName,
    {
      apiVersion: "postgresql.cnpg.io/v1",
      kind: "Pooler",
      metadata: metadata(poolerName, name),
      spec: poolerSpec(poolerName, ready, args, scale.postgres.poolers, labels(poolerName, name)),
    },
    parent,
  );
  // The operator makes one for its instances, and none for poolers.
  const { PodDisruptionBudget } = sdk.kubernetes().policy.v1;
  object(PodDisruptionBudget, poolerName, disruptionBudget(poolerName, name, poolerPods(poolerName)), parent);
  allowPostgres(name, port, parent);
  return {
    host: ready.apply(() => `${name}-rw`),
    port: ready.apply(() => port),
    door: { workload: name, port },
    user,
    password,
    process: ready.apply(() => name),
    reach: output([reachOf(primary(name), "postgres"), ready]).apply(([reach]) => reach as Reach),
    pooler: { host: pooler.metadata.name, door: { workload: poolerName, port } },
    measured: { target: measure(name, parent), archived: backups !== undefined },
  };
}

/** The operator moves these labels when another instance takes over. */
function primary(cluster: string): Record<string, string> {
  return { "cnpg.io/cluster": cluster, "cnpg.io/instanceRole": "primary" };
}
