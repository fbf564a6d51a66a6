import type { Input } from "@pulumi/pulumi";

/** One statement of an IAM policy. */
export interface Statement {
  Effect: "Allow" | "Deny";
  Action: string[];
  Resource: Input<string>[];
  Principal?: Record<string, Input<string>> | "*";
  Condition?: Record<string, Record<string, Input<string> | string[]>>;
}

export function allow(actions: string[], resources: Input<string>[]): Statement {
  return { Effect: "Allow", Action: actions, Resource: resources };
}

/** Refuses every request to a bucket that does not come by TLS. */
export function tlsOnly(bucket: string): Statement {
  return {
    Effect: "Deny",
    Action: ["s3:*"],
    Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`],
    Principal: "*",
    Condition: { Bool: { "aws:SecureTransport": "false" } },
  };
}
