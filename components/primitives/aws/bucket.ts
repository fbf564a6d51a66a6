import type * as Aws from "@pulumi/aws";
import { type ComponentResource, type Input, jsonStringify, type Output, output } from "@pulumi/pulumi";
import { child, type Transform } from "../../component.ts";
import { sdk } from "../../sdk.ts";
import { type Statement, tlsOnly } from "./policy.ts";

export interface SecureBucketArgs {
  /** Name in all of AWS. */
  bucket: string;
  /** ARN of the key its objects are encrypted with; `aws`: with keys that S3 keeps, for services that can do no other. */
  key: Input<string> | "aws";
  /** Days that overwritten and deleted objects are kept. */
  keepVersions: number;
  /** Days after which objects are deleted. @default never */
  expires?: number;
  /** Days in which nobody can delete or overwrite an object. @default none */
  lock?: number;
  /** Who may do what besides the account's own policies. @default [] */
  statements?: Statement[];
  protect: boolean;
  transform?: Transform<Aws.s3.BucketArgs>;
}

/** A bucket that is private, encrypted and versioned. */
export function secureBucket(
  name: string,
  args: SecureBucketArgs,
  parent: ComponentResource,
): { name: Output<string>; arn: Output<string>; ready: Output<string> } {
  const aws = sdk.aws();
  const { protect, lock } = args;
  const made = child(
    aws.s3.Bucket,
    name,
    { bucket: args.bucket, objectLockEnabled: lock !== undefined, forceDestroy: false },
    parent,
    args.transform,
    { protect, retainOnDelete: protect },
  );
  const bucket = made.id;
  child(
    aws.s3.BucketPublicAccessBlock,
    name,
    { bucket, blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true },
    parent,
  );
  child(aws.s3.BucketOwnershipControls, name, { bucket, rule: { objectOwnership: "BucketOwnerEnforced" } }, parent);
  child(aws.s3.BucketServerSideEncryptionConfiguration, name, { bucket, rules: [encryption()] }, parent);
  const versioning = child(
    aws.s3.BucketVersioning,
    name,
    { bucket, versioningConfiguration: { status: "Enabled" } },
    parent,
  );
  const after = { dependsOn: versioning };
  child(aws.s3.BucketLifecycleConfiguration, name, { bucket, rules: lifecycle() }, parent, undefined, after);
  if (lock !== undefined) {
    const rule = { defaultRetention: { mode: "COMPLIANCE", days: lock } };
    child(aws.s3.BucketObjectLockConfiguration, name, { bucket, rule }, parent, undefined, after);
  }
  const Statement = [tlsOnly(args.bucket), ...(args.statements ?? [])];
  const policy = jsonStringify({ Version: "2012-10-17", Statement });
  const access = child(aws.s3.BucketPolicy, name, { bucket, policy }, parent);
  return { name: bucket, arn: made.arn, ready: access.id };

  function encryption(): Aws.types.input.s3.BucketServerSideEncryptionConfigurationRule {
    if (args.key === "aws") return { applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } };
    const byDefault = { sseAlgorithm: "aws:kms", kmsMasterKeyId: output(args.key) };
    return { applyServerSideEncryptionByDefault: byDefault, bucketKeyEnabled: true };
  }

  function lifecycle(): Aws.types.input.s3.BucketLifecycleConfigurationRule[] {
    return [
      {
        id: "old-versions",
        status: "Enabled",
        filter: { prefix: "" },
        noncurrentVersionExpiration: { noncurrentDays: args.keepVersions },
        abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
        ...(args.expires !== undefined && { expiration: { days: args.expires } }),
      },
    ];
  }
}

/** Unique in all of AWS, since accounts and regions are. */
export function bucketName(stack: string, purpose: string, { account, region }: Owner): string {
  return `${stack}-${purpose}-${account}-${region}`;
}

interface Owner {
  account: string;
  region: string;
}
