import type { ComponentResource } from "@pulumi/pulumi";
import { metadata, object } from "../../../primitives/kubernetes/object.ts";
import type { Backups } from "../../../primitives/kubernetes-surroundings.ts";
import { sdk } from "../../../sdk.ts";

const plugin = "barman-cloud.cloudnative-pg.io";

/** The place of the backups, and one every night. Between them the write-ahead log goes there as it is written. */
export function backUp(name: string, backups: Backups, parent: ComponentResource): void {
  const { CustomResource } = sdk.kubernetes().apiextensions;
  object(
    CustomResource,
    `${name}-backups`,
    {
      apiVersion: "barmancloud.cnpg.io/v1",
      kind: "ObjectStore",
      metadata: metadata(name),
      spec: {
        configuration: {
          destinationPath: backups.destination,
          ...(backups.endpoint !== undefined && { endpointURL: backups.endpoint }),
          s3Credentials: credentials(backups),
          wal: { compression: "gzip", maxParallel: 4 },
          data: { compression: "gzip", jobs: 2 },
        },
        retentionPolicy: backups.retention ?? "30d",
      },
    },
    parent,
  );
  object(
    CustomResource,
    `${name}-nightly`,
    {
      apiVersion: "postgresql.cnpg.io/v1",
      kind: "ScheduledBackup",
      metadata: metadata(`${name}-nightly`, name),
      spec: {
        // Seconds first; at 02:17, when few others start theirs.
        schedule: "0 17 2 * * *",
        immediate: true,
        backupOwnerReference: "self",
        method: "plugin",
        pluginConfiguration: { name: plugin },
        cluster: { name },
      },
    },
    parent,
  );
}

/** What the Cluster names so that its write-ahead log is archived. */
export function walArchiver(name: string) {
  return { name: plugin, isWALArchiver: true, parameters: { barmanObjectName: name } };
}

function credentials({ secretName }: Backups) {
  if (secretName === undefined) return { inheritFromIAMRole: true };
  return {
    accessKeyId: { name: secretName, key: "ACCESS_KEY_ID" },
    secretAccessKey: { name: secretName, key: "ACCESS_SECRET_KEY" },
  };
}
