import type * as Aws from "@pulumi/aws";
import { type ComponentResource, type ComponentResourceOptions, jsonStringify, type Output } from "@pulumi/pulumi";
import { child, Product, type Transform } from "../component.ts";
import { allow, type Statement } from "../primitives/aws/policy.ts";
import { sdk } from "../sdk.ts";

/** The customer's own keys: whoever takes them away closes everything that is encrypted with them. */
export interface KeysArgs {
  account: string;
  region: string;
  protect: boolean;
  transform?: { key?: Transform<Aws.kms.KeyArgs> };
}

export interface KeysOutputs {
  /** ARN of the key for databases, disks, buckets and secrets. */
  data: Output<string>;
  /** ARN of the key for the secrets in the cluster. */
  cluster: Output<string>;
  /** ARN of the key for what is recorded and told: CloudTrail, flow logs, CloudWatch Logs and alarms. */
  audit: Output<string>;
}

export class Keys extends Product<KeysArgs, KeysOutputs> {
  constructor(name: string, args: KeysArgs, options?: ComponentResourceOptions) {
    super("AwsKeys", compose, name, args, options);
  }
}

function compose(name: string, args: KeysArgs, parent: ComponentResource): KeysOutputs {
  const aws = sdk.aws();
  const { account, region, protect } = args;
  return {
    data: key("data", "Databases, disks, buckets and secrets", [throughDisks(account, region)]),
    cluster: key("cluster", "Secrets of the Kubernetes cluster", []),
    audit: key("audit", "Records of what happened in the account", [
      ...recorders(account),
      logs(account, region),
      ...alarms(),
    ]),
  };

  function key(purpose: string, description: string, statements: Statement[]): Output<string> {
    const made = child(
      aws.kms.Key,
      `${name}-${purpose}`,
      {
        description: `${description} of ${name}`,
        enableKeyRotation: true,
        deletionWindowInDays: 30,
        policy: jsonStringify({ Version: "2012-10-17", Statement: [owner(account), ...statements] }),
      },
      parent,
      args.transform?.key,
      // Without its key every backup is worthless, so it stays even where data may go.
      { protect, retainOnDelete: true },
    );
    child(aws.kms.Alias, `${name}-${purpose}`, { name: `alias/${name}/${purpose}`, targetKeyId: made.keyId }, parent);
    return made.arn;
  }
}

/** The account's own IAM policies decide who may use and administer the key. */
function owner(account: string): Statement {
  return { ...allow(["kms:*"], ["*"]), Principal: { AWS: `arn:aws:iam::${account}:root` } };
}

/**
 * Whoever of the account works through EC2, as AWS's own key for disks has it. Naming the role of auto scaling instead
 * fails in an account that never had a scaling group.
 */
function throughDisks(account: string, region: string): Statement {
  const actions = ["Encrypt", "Decrypt", "ReEncrypt*", "GenerateDataKey*", "CreateGrant", "DescribeKey"];
  return {
    ...allow(
      actions.map((action) => `kms:${action}`),
      ["*"],
    ),
    Principal: { AWS: "*" },
    Condition: {
      StringEquals: { "kms:CallerAccount": account, "kms:ViaService": `ec2.${region}.amazonaws.com` },
    },
  };
}

function recorders(account: string): Statement[] {
  const use = ["kms:GenerateDataKey*", "kms:Decrypt", "kms:DescribeKey"];
  return ["cloudtrail.amazonaws.com", "delivery.logs.amazonaws.com"].map((Service) => ({
    ...allow(use, ["*"]),
    Principal: { Service },
    Condition: { StringEquals: { "aws:SourceAccount": account } },
  }));
}

/** CloudWatch Logs, for groups of this account and region. */
function logs(account: string, region: string): Statement {
  const use = ["Encrypt*", "Decrypt*", "ReEncrypt*", "GenerateDataKey*", "Describe*"].map((action) => `kms:${action}`);
  return {
    ...allow(use, ["*"]),
    Principal: { Service: `logs.${region}.amazonaws.com` },
    Condition: { ArnLike: { "kms:EncryptionContext:aws:logs:arn": `arn:aws:logs:${region}:${account}:*` } },
  };
}

/** Who publishes to the topic of alarms, whose own policy says for which account. */
function alarms(): Statement[] {
  return ["cloudwatch.amazonaws.com", "events.amazonaws.com", "events.rds.amazonaws.com"].map((Service) => ({
    ...allow(["kms:GenerateDataKey*", "kms:Decrypt"], ["*"]),
    Principal: { Service },
  }));
}
