import { type ComponentResource, type Output, output } from "@pulumi/pulumi";
import { metadata, object } from "../../../primitives/kubernetes/object.ts";
import type { Backups } from "../../../primitives/kubernetes-surroundings.ts";
import { sdk } from "../../../sdk.ts";
import { surroundings } from "../../../surroundings.ts";

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
        retentionPolicy: `${backups.retention}d`,
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
        schedule: everyDay(backups.at),
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
export function walArchiver(name: string, archive: Output<string>) {
  return { name: plugin, isWALArchiver: true, parameters: { barmanObjectName: name, serverName: archive } };
}

/**
 * Folder of a server's archive. PostgreSQL archives into an empty one only, so each time that the stack is made it has
 * another: by the namespace, which goes with the stack, unless a name is given.
 */
export function archiveOf(name: string, { serverName }: Backups): Output<string> {
  if (serverName !== undefined) return output(serverName);
  const { generation } = surroundings("kubernetes");
  return output(generation).apply((uid) => `${name}-${(uid ?? "").replaceAll("-", "").slice(0, 8)}`);
}

/** What the server is made from: an archive, up to a moment, or nothing. */
export function bootstrap(name: string, backups: Backups | undefined) {
  const initdb = { database: "devflow", owner: "devflow", encoding: "UTF8", dataChecksums: true };
  if (!backups?.recoverFrom) return { bootstrap: { initdb } };
  const { serverName, targetTime } = backups.recoverFrom;
  const source = "archive";
  return {
    bootstrap: {
      recovery: {
        ...{ source, database: "devflow", owner: "devflow" },
        ...(targetTime !== undefined && { recoveryTarget: { targetTime } }),
      },
    },
    externalClusters: [{ name: source, plugin: { name: plugin, parameters: { barmanObjectName: name, serverName } } }],
  };
}

/** As the operator writes times: seconds first. */
function everyDay(at: string): string {
  const [hours, minutes] = at.split(":").map(Number);
  return `0 ${minutes} ${hours} * * *`;
}

function credentials({ secretName }: Backups) {
  if (secretName === undefined) return { inheritFromIAMRole: true };
  return {
    accessKeyId: { name: secretName, key: "ACCESS_KEY_ID" },
    secretAccessKey: { name: secretName, key: "ACCESS_SECRET_KEY" },
  };
}
