import { describe, expect, it } from "vitest";
import { declared } from "../../installer/declared/declared.ts";
import type { Goal } from "../../installer/engine/index.ts";
import { exampleSettings } from "../../installer/pulumi/examples.ts";

/**
 * What keeps data, by its type, with the inputs that its provider cannot change in place: another value of one of them
 * means a new object and the end of the old one. From the providers' own schemas (replaceOnChanges, forceNew) and, for
 * Kubernetes, from the fields its API server refuses to change.
 */
const keepers: Record<string, string[]> = {
  "kubernetes:core/v1:Namespace": ["metadata.name"],
  "kubernetes:core/v1:PersistentVolumeClaim": [
    "metadata.name",
    "metadata.namespace",
    "spec.storageClassName",
    "spec.accessModes",
  ],
  "kubernetes:apps/v1:StatefulSet": [
    "metadata.name",
    "metadata.namespace",
    "spec.selector",
    "spec.serviceName",
    "spec.volumeClaimTemplates",
    "spec.podManagementPolicy",
  ],
  "kubernetes:postgresql.cnpg.io/v1:Cluster": [
    "metadata.name",
    "metadata.namespace",
    "spec.bootstrap",
    "spec.storage.storageClass",
  ],
  "pulumi:providers:kubernetes": ["clusterIdentifier"],
  "aws:rds/instance:Instance": [
    ...["identifier", "engine", "username", "kmsKeyId", "storageEncrypted", "dbSubnetGroupName", "availabilityZone"],
  ],
  "aws:s3/bucket:Bucket": ["bucket", "objectLockEnabled"],
  "aws:backup/vault:Vault": ["name", "kmsKeyArn"],
  "aws:kms/key:Key": [],
  "aws:eks/cluster:Cluster": ["name", "roleArn", "vpcConfig.subnetIds", "encryptionConfig"],
  "docker:index/volume:Volume": ["name", "driver"],
};

const changes: Record<"saas" | "dedicated" | "onprem", string[][]> = {
  saas: [
    ["kubernetes.size=medium"],
    ["kubernetes.size=large"],
    ["kubernetes.ha=true"],
    ["kubernetes.kubeconfig=./by-a-proxy.kubeconfig"],
    ["kubernetes.keda=true"],
    ["components.observability=false"],
  ],
  dedicated: [["kubernetes.size=medium"], ["kubernetes.ha=true"], ["aws.kubernetes=1.36"], ["aws.retention=60"]],
  onprem: [["profile=full"], ["components.observability=false"]],
};

describe.each(Object.entries(changes))("an ordinary change of a stack of kind %s", (kind, each) => {
  // With everything on and, for what has several forms, from its own first form on.
  const common = kind === "onprem" ? [] : ["components.search=true", "components.graph=true"];
  it.each(each)("%s neither replaces nor deletes what keeps data", async (change) => {
    const before = await keep(kind as keyof typeof changes, common);
    const after = await keep(kind as keyof typeof changes, [...common, change]);
    expect(before.size).toBeGreaterThan(3);
    const gone = [...before.keys()].filter((urn) => !after.has(urn) && !leaves(urn, change));
    expect(gone).toEqual([]);
    const replaced = [...before].filter(([urn, fixed]) => after.has(urn) && after.get(urn) !== fixed);
    expect(replaced.map(([urn, fixed]) => [urn, fixed, after.get(urn)])).toEqual([]);
  });
});

/** What the change itself takes out of the stack. */
function leaves(urn: string, change: string): boolean {
  return change === "components.observability=false" && /::(logs|traces|dashboards|log-reader)(-data)?$/.test(urn);
}

async function keep(kind: keyof typeof changes, flags: string[]): Promise<Map<string, string>> {
  const { goals, errors } = await declared(exampleSettings(kind, flags));
  expect(errors).toEqual([]);
  return new Map(
    goals.flatMap((goal: Goal) => {
      const paths = keepers[goal.type];
      return paths ? [[goal.urn, JSON.stringify(paths.map((path) => at(goal.inputs, path)))]] : [];
    }),
  );
}

function at(inputs: unknown, path: string): unknown {
  return path.split(".").reduce((value, key) => (value as Record<string, unknown> | undefined)?.[key], inputs);
}
