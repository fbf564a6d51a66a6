import { Type } from "typebox";
import type { StackKind } from "./kinds.ts";

const copying: readonly StackKind[] = ["onprem", "saas"];
const everyCopy: readonly StackKind[] = ["onprem", "saas", "dedicated"];
const saasOnly: readonly StackKind[] = ["saas"];
const onpremOnly: readonly StackKind[] = ["onprem"];
const bringsBack: readonly StackKind[] = ["saas", "dedicated"];

/** Name of an archive: one folder of a bucket. */
const serverName = "^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$";
const moment = "^\\d{4}-\\d{2}-\\d{2}[T ]\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,6})?(Z|[+-]\\d{2}:?\\d{2})$";

export const BackupSettings = Type.Object(
  {
    at: Type.String({
      title: "Time of backups",
      description: "Time of day, UTC, at which the copies of a night begin.",
      default: "02:17",
      examples: ["02:17", "23:30"],
      pattern: "^([01]\\d|2[0-3]):[0-5]\\d$",
      "x-allowed": "a time of day such as 02:17",
      "x-stacks": everyCopy,
    }),
    retention: Type.Integer({
      title: "Backup retention",
      description:
        "Days that copies are kept, and in a cluster how far back any moment of PostgreSQL can be restored. Copies on the appliance's own disk are kept for three at most. (dedicated: aws.retention)",
      default: 30,
      examples: [14, 30, 90],
      minimum: 1,
      maximum: 3650,
      "x-unit": "days",
      "x-stacks": copying,
    }),
    destination: Type.Optional(
      Type.String({
        title: "Backup bucket",
        description:
          "Bucket that copies go to, outside of what is copied. Without it an appliance keeps them on its own disk, and a cluster is refused.",
        examples: ["s3://example-backups/devflow"],
        pattern: "^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[^\\s]*)?$",
        "x-allowed": "s3://bucket or s3://bucket/path",
        "x-stacks": copying,
      }),
    ),
    endpoint: Type.Optional(
      Type.String({
        title: "Backup server",
        description: "Address of the S3 server. Without it Amazon's.",
        examples: ["https://s3.example.com"],
        pattern: "^https?://[^\\s/?#]+$",
        "x-allowed": "an http or https address without a path",
        "x-stacks": copying,
      }),
    ),
    region: Type.String({
      title: "Backup region",
      description: "Region of the bucket, by which requests are signed. Most servers that are not Amazon's take any.",
      default: "us-east-1",
      examples: ["us-east-1", "eu-central-1"],
      pattern: "^[a-z0-9-]{2,40}$",
      "x-allowed": "a region such as eu-central-1",
      "x-stacks": copying,
    }),
    folder: Type.Optional(
      Type.String({
        title: "Backup folder",
        description:
          "Folder of the machine that the engine runs on, such as a file server that is mounted there. In place of a bucket.",
        examples: ["/mnt/backups/devflow"],
        pattern: "^/[^:]*[^:/]$",
        "x-allowed": "an absolute path without a colon",
        "x-stacks": onpremOnly,
      }),
    ),
    envFile: Type.Optional(
      Type.String({
        title: "Variables of backups",
        description:
          "File with lines ACCESS_KEY_ID, ACCESS_SECRET_KEY and ENCRYPTION_KEY, each with = and its value. With ENCRYPTION_KEY every copy is encrypted; keep it where the copies are not.",
        examples: ["./backups.env"],
        minLength: 1,
        "x-allowed": "path of a file",
        "x-path": true,
        "x-stacks": onpremOnly,
      }),
    ),
    secretName: Type.Optional(
      Type.String({
        title: "Backup secret",
        description:
          "Secret of the namespace with ACCESS_KEY_ID, ACCESS_SECRET_KEY and, for copies that are encrypted before they leave, ENCRYPTION_KEY. Without it the pods' own role.",
        examples: ["backup-credentials"],
        pattern: "^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$",
        "x-allowed": "lower-case letters, digits, dashes and dots, a letter or digit first and last",
        "x-stacks": saasOnly,
      }),
    ),
    serverName: Type.Optional(
      Type.String({
        title: "Name of PostgreSQL's archive",
        description:
          "Folder of PostgreSQL's log and base backups below the destination. Without it one of its own for each time that the stack is made. Give another when the Cluster itself was deleted and is made again: two servers in one archive stop each other.",
        examples: ["postgres-2"],
        pattern: serverName,
        "x-allowed": "lower-case letters, digits, dashes and dots, at most 63 characters",
        "x-stacks": saasOnly,
      }),
    ),
    recoverFrom: Type.Optional(
      Type.Object(
        {
          serverName: Type.Optional(
            Type.String({
              title: "Archive to recover from",
              description: "Name of the archive that PostgreSQL is restored from, another one than it writes itself.",
              examples: ["postgres-3f9a1c02"],
              pattern: serverName,
              "x-allowed": "lower-case letters, digits, dashes and dots, at most 63 characters",
              "x-stacks": saasOnly,
            }),
          ),
          snapshot: Type.Optional(
            Type.String({
              title: "Snapshot to recover from",
              description: "Snapshot of RDS that the database is made from: its identifier or ARN.",
              examples: ["acme-postgres-final-1c9a42"],
              pattern: "^[A-Za-z0-9:/._-]{1,255}$",
              "x-allowed": "the identifier or ARN of a snapshot",
              "x-stacks": ["dedicated"] as readonly StackKind[],
            }),
          ),
          instance: Type.Optional(
            Type.String({
              title: "Database to recover from",
              description:
                "Resource id of the RDS instance whose past is restored (db-…), also of one that is deleted and whose automated backups were kept.",
              examples: ["db-ABCDEFGHIJKLMNOPQRSTUVWXYZ"],
              pattern: "^db-[A-Z0-9]{10,40}$",
              "x-allowed": "a resource id that begins with db-",
              "x-stacks": ["dedicated"] as readonly StackKind[],
            }),
          ),
          targetTime: Type.Optional(
            Type.String({
              title: "Moment to recover",
              description: "The last moment that comes back. Without it the newest there is.",
              examples: ["2026-11-04T02:17:00Z"],
              pattern: moment,
              "x-allowed": "a moment such as 2026-11-04T02:17:00Z",
              "x-stacks": bringsBack,
            }),
          ),
        },
        {
          title: "Recover from",
          description:
            "Makes PostgreSQL from a backup in place of an empty one. It counts when the database is made, and never for one that is there.",
          additionalProperties: false,
        },
      ),
    ),
    logs: Type.Boolean({
      title: "Back up logs and traces",
      description: "Whether the buckets of logs and traces are copied with the others.",
      default: false,
      examples: [true, false],
      "x-stacks": copying,
    }),
  },
  {
    title: "Backups",
    description: "Nightly copies of everything that the products keep.",
    additionalProperties: false,
  },
);
