import { at, list, type Resource, type Rule } from "../rule.ts";

const bucketType = "aws:s3/bucket:Bucket";
const blockType = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock";
const encryptionType = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration";
const switches = ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"];

/** Nobody reads a bucket without being let in. */
export const buckets: Rule = {
  name: "no-public-buckets",
  description: "Every bucket shuts out the public in all four ways, and says how it encrypts.",
  each({ type, inputs }) {
    if (type === blockType) {
      return switches
        .filter((key) => inputs[key] !== true)
        .map((key) => `${key} is not true: the bucket can be public.`);
    }
    if (type === bucketType && typeof inputs.acl === "string" && inputs.acl.startsWith("public-")) {
      return [`The bucket's list of access is ${inputs.acl}: everybody can read it.`];
    }
    if (type === "aws:s3/bucketPolicy:BucketPolicy") return opens(inputs.policy);
    return [];
  },
  all: (resources) => [
    ...lacking(resources, blockType, "It has no public access block, so a policy or a list could make it public."),
    ...lacking(resources, encryptionType, "It does not say how it encrypts what is in it."),
  ],
};

/** The buckets that no resource of a type refers to. */
export function lacking(resources: Resource[], companion: string, message: string) {
  const served = new Set(
    resources.filter(({ type }) => type === companion).flatMap(({ dependencies }) => dependencies?.bucket ?? []),
  );
  return resources
    .filter(({ type, urn }) => type === bucketType && !served.has(urn))
    .map(({ urn }) => ({ urn, message }));
}

/** A statement that lets everybody do something, whoever they are. */
function opens(policy: unknown): string[] {
  if (typeof policy !== "string") return [];
  const statements = list(at(JSON.parse(policy), "Statement"));
  const open = statements.some((statement) => {
    const principal = at(statement, "Principal");
    const everybody = principal === "*" || at(principal, "AWS") === "*";
    return at(statement, "Effect") === "Allow" && everybody && at(statement, "Condition") === undefined;
  });
  return open ? ["A statement of the bucket's policy lets everybody in."] : [];
}
