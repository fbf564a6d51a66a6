import type { ComponentResource } from "@pulumi/pulumi";
import { child } from "../../component.ts";
import { allow } from "../../primitives/aws/policy.ts";
import { role } from "../../primitives/aws/role.ts";
import { poolLabel } from "../../primitives/aws-pools.ts";
import { sdk } from "../../sdk.ts";
import { surroundings } from "../../surroundings.ts";
import { endpointOf } from "./copies.ts";
import type { BackupsArgs } from "./index.ts";
import { cronJobs, serviceAccount } from "./kubernetes.ts";

/**
 * Disks and the database are copied by AWS Backup, with all that is on them. What is left are databases in the cluster: a
 * copy that any PostgreSQL starts from, in the bucket that nobody can delete from. The bucket ends their days itself.
 */
export function aws(name: string, args: BackupsArgs, parent: ComponentResource): object {
  const { prefix, account: owner, region, cluster, key, backups } = surroundings("aws");
  const { namespace } = surroundings("kubernetes");
  const databases = Object.entries(args.copies).filter(([, { kind }]) => kind === "postgres");
  if (databases.length === 0) return {};
  const account = serviceAccount(name, parent);
  const arn = backups.apply((bucket) => `arn:aws:s3:::${bucket}`);
  const statements = [
    allow(["s3:ListBucket", "s3:GetBucketLocation"], [arn]),
    allow(["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"], [arn.apply((bucket) => `${bucket}/copies/*`)]),
    allow(["kms:Decrypt", "kms:GenerateDataKey"], [key]),
  ];
  const pods = { cluster: { account: owner, region, name: prefix }, namespace, serviceAccount: name };
  const acting = role(`${prefix}-${name}`, { pods, statements }, parent);
  const association = { clusterName: cluster.name, namespace, serviceAccount: name, roleArn: acting.arn };
  child(sdk.aws().eks.PodIdentityAssociation, `${prefix}-${name}`, association, parent);
  const target = { endpoint: endpointOf(undefined, region), region, bucket: backups, prefix: "" };
  const place = { nodeSelector: { [poolLabel]: "data" } };
  cronJobs(name, { ...args, copies: Object.fromEntries(databases) }, { target, keepDays: 0, account, place }, parent);
  return {};
}
