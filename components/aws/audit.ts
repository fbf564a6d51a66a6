import type * as Aws from "@pulumi/aws";
import type { ComponentResource, ComponentResourceOptions, Input, Output } from "@pulumi/pulumi";
import { child, Product, type Transform } from "../component.ts";
import { bucketName, secureBucket } from "../primitives/aws/bucket.ts";
import { allow, type Statement } from "../primitives/aws/policy.ts";
import { sdk } from "../sdk.ts";

/** What happened in the account: calls to AWS (CloudTrail), and a bucket for flow and access logs. */
export interface AuditArgs {
  account: string;
  region: string;
  key: Input<string>;
  /** Whether calls to AWS are recorded; false where an organisation's own trail has this account. */
  trail: boolean;
  /** Days that records are kept. */
  days: number;
  protect: boolean;
  transform?: { trail?: Transform<Aws.cloudtrail.TrailArgs>; bucket?: Transform<Aws.s3.BucketArgs> };
}

export interface AuditOutputs {
  /** ARN of the bucket for CloudTrail and flow logs. */
  records: Output<string>;
  /** Name of the bucket for the load balancer's access logs, writable when it resolves. */
  accessLogs: Output<string>;
  /** Its ARN. */
  accessArn: Output<string>;
}

export class Audit extends Product<AuditArgs, AuditOutputs> {
  constructor(name: string, args: AuditArgs, options?: ComponentResourceOptions) {
    super("AwsAudit", compose, name, args, options);
  }
}

function compose(name: string, args: AuditArgs, parent: ComponentResource): AuditOutputs {
  const aws = sdk.aws();
  const { account, protect, days, transform = {} } = args;
  const common = {
    keepVersions: days,
    expires: days,
    protect,
    ...(transform.bucket && { transform: transform.bucket }),
  };
  const records = bucketName(name, "records", args);
  const kept = secureBucket(
    `${name}-records`,
    { ...common, bucket: records, key: args.key, statements: recordsFrom(records, account) },
    parent,
  );
  const access = bucketName(name, "access", args);
  const logs = secureBucket(
    `${name}-access`,
    // Load balancers cannot write to a bucket with a key of the customer's own.
    { ...common, bucket: access, key: "aws", statements: accessLogsTo(access, account) },
    parent,
  );
  const trail = {
    s3BucketName: kept.ready.apply(() => records),
    kmsKeyId: args.key,
    isMultiRegionTrail: true,
    includeGlobalServiceEvents: true,
    enableLogFileValidation: true,
    enableLogging: true,
  };
  if (args.trail) child(aws.cloudtrail.Trail, name, { name, ...trail }, parent, transform.trail, { protect });
  return {
    records: kept.ready.apply(() => `arn:aws:s3:::${records}`),
    accessLogs: logs.ready.apply(() => access),
    accessArn: logs.arn,
  };

  function recordsFrom(bucket: string, owner: string): Statement[] {
    const from = { StringEquals: { "aws:SourceAccount": owner } };
    const service = (Service: string) => ({ Principal: { Service }, Condition: from });
    const services = ["cloudtrail.amazonaws.com", "delivery.logs.amazonaws.com"];
    return services.flatMap((one) => [
      { ...allow(["s3:GetBucketAcl"], [`arn:aws:s3:::${bucket}`]), ...service(one) },
      { ...allow(["s3:PutObject"], [`arn:aws:s3:::${bucket}/AWSLogs/${owner}/*`]), ...service(one) },
    ]);
  }

  function accessLogsTo(bucket: string, owner: string): Statement[] {
    const Principal = { Service: "logdelivery.elasticloadbalancing.amazonaws.com" };
    const Condition = { StringEquals: { "aws:SourceAccount": owner } };
    return [{ ...allow(["s3:PutObject"], [`arn:aws:s3:::${bucket}/*`]), Principal, Condition }];
  }
}
