import type * as Aws from "@pulumi/aws";
import { type ComponentResource, type Input, jsonStringify } from "@pulumi/pulumi";
import { child } from "../../component.ts";
import { sdk } from "../../sdk.ts";
import type { Statement } from "./policy.ts";

export type RoleArgs = Actor & {
  /** Names of AWS's own policies, below `arn:aws:iam::aws:policy/`. @default [] */
  managed?: string[];
  /** What it may do besides. @default [] */
  statements?: Statement[];
};

/** Who takes the role on: a service of AWS, as `eks.amazonaws.com`, or pods. */
type Actor = { service: string; pods?: never } | { pods: Pods; service?: never };

/** The pods of one service account of one cluster. */
export interface Pods {
  cluster: ClusterName;
  namespace: Input<string>;
  serviceAccount: string;
}

export interface ClusterName {
  /** Twelve digits. */
  account: string;
  region: string;
  name: string;
}

/** A role for one service or for the pods of one service account, with no more than is named. */
export function role(name: string, args: RoleArgs, parent: ComponentResource): Aws.iam.Role {
  const aws = sdk.aws();
  const { managed = [], statements = [] } = args;
  const assumeRolePolicy = jsonStringify({ Version: "2012-10-17", Statement: [trust(args)] });
  const made = child(aws.iam.Role, name, { assumeRolePolicy }, parent);
  for (const policy of managed) {
    const attachment = { role: made.name, policyArn: `arn:aws:iam::aws:policy/${policy}` };
    child(aws.iam.RolePolicyAttachment, `${name}-${policy.split("/").at(-1)}`, attachment, parent);
  }
  if (statements.length > 0) {
    const policy = jsonStringify({ Version: "2012-10-17", Statement: statements });
    child(aws.iam.RolePolicy, name, { role: made.id, policy }, parent);
  }
  return made;
}

/**
 * Pods take a role on by EKS Pod Identity, without keys. The conditions are on the tags that it puts on every session:
 * whoever may make associations in the account cannot give the role to pods of another cluster, namespace or account.
 */
function trust({ service, pods }: Actor): object {
  if (!pods) return { Effect: "Allow", Principal: { Service: service }, Action: ["sts:AssumeRole"] };
  const { account, region, name } = pods.cluster;
  return {
    Effect: "Allow",
    Principal: { Service: "pods.eks.amazonaws.com" },
    Action: ["sts:AssumeRole", "sts:TagSession"],
    Condition: {
      StringEquals: {
        "aws:RequestTag/eks-cluster-arn": `arn:aws:eks:${region}:${account}:cluster/${name}`,
        "aws:RequestTag/kubernetes-namespace": pods.namespace,
        "aws:RequestTag/kubernetes-service-account": pods.serviceAccount,
      },
    },
  };
}
