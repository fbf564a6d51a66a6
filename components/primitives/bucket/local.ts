import { type ComponentResource, output } from "@pulumi/pulumi";
import { child } from "../../component.ts";
import { S3Bucket } from "../../provider/resources.ts";
import type { BucketArgs, BucketOutputs } from "./index.ts";

/** A bucket on the stack's own S3 server. */
export function local(name: string, args: BucketArgs, parent: ComponentResource): BucketOutputs {
  const { endpoint, accessKey, secretKey, reach } = args.server;
  const { bucket } = child(
    S3Bucket,
    name,
    { endpoint, accessKey, secretKey, bucket: args.name, ...(reach && { reach }) },
    parent,
  );
  return {
    endpoint: output(endpoint),
    region: output(args.server.region ?? "us-east-1"),
    bucket,
    doors: args.server.door ? [args.server.door] : [],
    accessKey: output(accessKey),
    secretKey: output(secretKey),
  };
}
