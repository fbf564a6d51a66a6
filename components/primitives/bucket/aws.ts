import { type ComponentResource, jsonStringify, output, secret } from "@pulumi/pulumi";
import { child } from "../../component.ts";
import { sdk } from "../../sdk.ts";
import { surroundings } from "../../surroundings.ts";
import { secureBucket } from "../aws/bucket.ts";
import { allow, type Statement } from "../aws/policy.ts";
import { role } from "../aws/role.ts";
import { metadata, object, selector } from "../kubernetes/object.ts";
import { internet } from "../kubernetes/policy.ts";
import type { BucketArgs, BucketOutputs } from "./index.ts";

/**
 * A bucket of S3. The workload it is for gets at it by the identity of its pods, so there is no key that could leak;
 * without such a workload a user with one key is made, for this bucket only.
 */
export function aws(name: string, args: BucketArgs, parent: ComponentResource): BucketOutputs {
  const sdks = sdk.aws();
  const { prefix, account, region, key, cluster, retention, protect, told } = surroundings("aws");
  const full = `${prefix}-${args.name}`;
  const bucket = `${full}-${account}-${region}`;
  const made = secureBucket(full, { bucket, key, keepVersions: retention, protect }, parent);
  told.buckets.set(args.name, made.arn);
  const statements = accessTo(`arn:aws:s3:::${bucket}`);
  const { accessKey, secretKey, ready } = args.usedBy === undefined ? byKey() : byPods(args.usedBy);
  return {
    endpoint: output(args.server.endpoint),
    region: output(region),
    bucket: output([made.ready, ready]).apply(() => bucket),
    // S3 is beyond the stack; who may call it is said below.
    doors: [],
    accessKey,
    secretKey,
  };

  function byPods(serviceAccount: string) {
    const { namespace } = surroundings("kubernetes");
    // The cluster has the stack's name.
    const pods = { cluster: { account, region, name: prefix }, namespace, serviceAccount };
    const acting = role(full, { pods, statements }, parent);
    const association = child(
      sdks.eks.PodIdentityAssociation,
      full,
      { clusterName: cluster.name, namespace, serviceAccount, roleArn: acting.arn },
      parent,
    );
    allowS3(serviceAccount, `${name}-s3`, [identities]);
    for (const workload of args.handedTo ?? []) allowS3(workload, `${workload}-s3`, []);
    return { accessKey: output(""), secretKey: secret(""), ready: association.id };
  }

  function byKey() {
    const user = child(sdks.iam.User, full, { name: full }, parent);
    const policy = { user: user.name, policy: policyOf(statements) };
    const allowed = child(sdks.iam.UserPolicy, full, policy, parent);
    const pair = child(sdks.iam.AccessKey, full, { user: user.name }, parent);
    return { accessKey: pair.id, secretKey: secret(pair.secret), ready: allowed.id };
  }

  function accessTo(arn: string): Statement[] {
    return [
      allow(["s3:ListBucket", "s3:GetBucketLocation", "s3:ListBucketMultipartUploads"], [arn]),
      allow(
        ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"],
        [`${arn}/*`],
      ),
      allow(["kms:Decrypt", "kms:GenerateDataKey"], [key]),
    ];
  }

  /** S3's addresses are public ones, also by the VPC's own way to it. */
  function allowS3(workload: string, policy: string, others: object[]) {
    const { NetworkPolicy } = sdk.kubernetes().networking.v1;
    const egress = [{ to: internet(), ports: [{ port: 443, protocol: "TCP" }] }, ...others];
    const spec = { podSelector: { matchLabels: selector(workload) }, policyTypes: ["Egress"], egress };
    object(NetworkPolicy, policy, { metadata: metadata(policy, workload), spec }, parent);
  }
}

/** An agent on the node, which gives pods the credentials of their identity. */
const identities = { to: [{ ipBlock: { cidr: "169.254.170.23/32" } }], ports: [{ port: 80, protocol: "TCP" }] };

function policyOf(statements: Statement[]) {
  return jsonStringify({ Version: "2012-10-17", Statement: statements });
}
