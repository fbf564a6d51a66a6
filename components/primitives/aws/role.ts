import type * as Aws from "@pulumi/aws";
import { type ComponentResource, jsonStringify } from "@pulumi/pulumi";
import { child } from "../../component.ts";
import { sdk } from "../../sdk.ts";
import type { Statement } from "./policy.ts";

export interface RoleArgs {
  /** Service that takes the role on: `eks.amazonaws.com`; pods do by `pods.eks.amazonaws.com`. */
  service: string;
  /** Names of AWS's own policies, below `arn:aws:iam::aws:policy/`. @default [] */
  managed?: string[];
  /** What it may do besides. @default [] */
  statements?: Statement[];
}

/** A role for one service or for the pods of one service account, with no more than is named. */
export function role(name: string, args: RoleArgs, parent: ComponentResource): Aws.iam.Role {
  const aws = sdk.aws();
  const { service, managed = [], statements = [] } = args;
  const Action = service === podService ? ["sts:AssumeRole", "sts:TagSession"] : ["sts:AssumeRole"];
  const trust = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: { Service: service }, Action }] };
  const made = child(aws.iam.Role, name, { assumeRolePolicy: JSON.stringify(trust) }, parent);
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

/** EKS Pod Identity: pods get credentials of their service account's role, without keys. */
export const podService = "pods.eks.amazonaws.com";
