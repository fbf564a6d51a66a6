import { type ComponentResource, interpolate, output } from "@pulumi/pulumi";
import { sdk } from "../../sdk.ts";
import { surroundings } from "../../surroundings.ts";
import type { Queue } from "../workload/index.ts";
import { metadata, object } from "./object.ts";

/** As many pods as the waiting work asks for, or the processor's load, whichever is more. KEDA makes the autoscaler. */
export function followQueue(
  name: string,
  component: string,
  { least, most }: { least: number; most: number },
  { database, query, each }: Queue,
  parent: ComponentResource,
): void {
  const { core, apiextensions } = sdk.kubernetes();
  const { namespace } = surroundings("kubernetes");
  const about = metadata(`${name}-queue`, component);
  const secret = object(
    core.v1.Secret,
    `${name}-queue`,
    { metadata: about, stringData: { password: database.password } },
    parent,
  );
  const access = object(
    apiextensions.CustomResource,
    `${name}-queue-access`,
    {
      apiVersion: "keda.sh/v1alpha1",
      kind: "TriggerAuthentication",
      metadata: about,
      spec: { secretTargetRef: [{ parameter: "password", name: secret.metadata.name, key: "password" }] },
    },
    parent,
  );
  // KEDA asks from a namespace of its own, where a service's short name says nothing.
  const host = output([database.host, namespace]).apply(([short, where]) =>
    short?.includes(".") ? short : `${short}.${where}.svc`,
  );
  object(
    apiextensions.CustomResource,
    `${name}-queue-scale`,
    {
      apiVersion: "keda.sh/v1alpha1",
      kind: "ScaledObject",
      metadata: metadata(name, component),
      spec: {
        scaleTargetRef: { name },
        minReplicaCount: least,
        maxReplicaCount: most,
        pollingInterval: 15,
        triggers: [
          { type: "cpu", metricType: "Utilization", metadata: { value: "70" } },
          {
            type: "postgresql",
            metadata: {
              host,
              port: interpolate`${database.port}`,
              dbName: database.database,
              userName: database.user,
              sslmode: "prefer",
              query,
              targetQueryValue: String(each),
            },
            authenticationRef: { name: access.metadata.name },
          },
        ],
      },
    },
    parent,
  );
}
