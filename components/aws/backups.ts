import type * as Aws from "@pulumi/aws";
import type { ComponentResource, ComponentResourceOptions, Input, Output } from "@pulumi/pulumi";
import { child, Product, type Transform } from "../component.ts";
import { alarm } from "../primitives/aws/alarm.ts";
import { bucketName, secureBucket } from "../primitives/aws/bucket.ts";
import { role } from "../primitives/aws/role.ts";
import { sdk } from "../sdk.ts";

/** Copies that nobody can delete before their time, not even the account's administrators. */
export interface BackupsArgs {
  account: string;
  region: string;
  key: Input<string>;
  /** Days that a copy is kept and cannot be deleted. */
  days: number;
  protect: boolean;
  /** ARN of the topic that tells people of alarms. */
  alarms: Input<string>;
  transform?: {
    bucket?: Transform<Aws.s3.BucketArgs>;
    vault?: Transform<Aws.backup.VaultArgs>;
    plan?: Transform<Aws.backup.PlanArgs>;
  };
}

export interface BackupsOutputs {
  /** Name of the bucket for the backups of DevFlow itself. */
  bucket: Output<string>;
  arn: Output<string>;
  /** ARN of the vault for copies of disks and databases. */
  vault: Output<string>;
}

export class Backups extends Product<BackupsArgs, BackupsOutputs> {
  constructor(name: string, args: BackupsArgs, options?: ComponentResourceOptions) {
    super("AwsBackups", compose, name, args, options);
  }
}

/** Tag of the disks and databases that are copied every night. */
export const backupTag = { key: "devflow:backup", value: "daily" };

/** Days after the first `up` in which the lock can still be taken off; AWS allows no fewer. */
export const daysToReconsider = 3;

function compose(name: string, args: BackupsArgs, parent: ComponentResource): BackupsOutputs {
  const aws = sdk.aws();
  const { days, protect, transform = {} } = args;
  const bucket = secureBucket(
    name,
    {
      ...{ bucket: bucketName(name, "objects", args), key: args.key, lock: days, keepVersions: days, protect },
      ...(transform.bucket && { transform: transform.bucket }),
    },
    parent,
  );
  const vault = child(
    aws.backup.Vault,
    name,
    { name, kmsKeyArn: args.key, forceDestroy: false },
    parent,
    transform.vault,
    { protect, retainOnDelete: protect },
  );
  // With days to change one's mind it is in compliance mode: after them nobody takes the lock off, not even the account's
  // root. Without them any administrator may. Other copies may be kept for longer, not for less.
  const lock = { backupVaultName: vault.name, minRetentionDays: days, changeableForDays: daysToReconsider };
  child(aws.backup.VaultLockConfiguration, name, lock, parent);
  const plan = child(
    aws.backup.Plan,
    name,
    {
      name,
      rules: [
        {
          ruleName: "daily",
          targetVaultName: vault.name,
          // UTC; AWS's own database backups run later.
          schedule: "cron(0 1 * * ? *)",
          startWindow: 60,
          completionWindow: 480,
          lifecycle: { deleteAfter: days },
        },
      ],
    },
    parent,
    transform.plan,
  );
  const policies = ["AWSBackupServiceRolePolicyForBackup", "AWSBackupServiceRolePolicyForRestores"];
  const acting = role(
    name,
    { service: "backup.amazonaws.com", managed: policies.map((policy) => `service-role/${policy}`) },
    parent,
  );
  const chosen = [{ type: "STRINGEQUALS", ...backupTag }];
  child(
    aws.backup.Selection,
    name,
    { name: "tagged", planId: plan.id, iamRoleArn: acting.arn, selectionTags: chosen },
    parent,
  );
  for (const [metric, what] of [
    ["NumberOfBackupJobsFailed", "failed"],
    ["NumberOfBackupJobsExpired", "did not begin in time"],
  ] as const) {
    alarm(
      `${name}-${metric.replace("NumberOfBackupJobs", "backups-").toLowerCase()}`,
      {
        says: `A nightly copy of a disk or a database ${what}. See the jobs of the vault in AWS Backup.`,
        metric: ["AWS/Backup", metric],
        of: { BackupVaultName: vault.name },
        ...{ statistic: "Sum", above: 0, minutes: 60, times: 1, topic: args.alarms },
      },
      parent,
    );
  }
  return { vault: vault.arn, arn: bucket.arn, bucket: bucket.ready.apply(() => bucketName(name, "objects", args)) };
}
