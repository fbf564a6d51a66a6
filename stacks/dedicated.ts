import type { Output } from "@pulumi/pulumi";
import { Account } from "../components/aws/account.ts";
import { sdk } from "../components/sdk.ts";
import { awsSizes } from "./aws-sizes.ts";
import type { Settings } from "./config/index.ts";

/** One customer's own cloud: their AWS account, made ready, with the platform in it. */
export function dedicated(settings: Settings): Record<string, Output<unknown>> {
  const { stack, aws } = settings;
  const { account = "", region } = aws;
  const { redundancy, nodes } = awsSizes[aws.size];
  const provider = new (sdk.aws().Provider)("aws", {
    region: region as "eu-central-1",
    // With credentials of another account every call fails before it does anything.
    allowedAccountIds: [account],
    defaultTags: {
      tags: {
        "devflow:stack": stack.name,
        "devflow:customer": settings.organisation.name,
        "devflow:managed": "pulumi",
      },
    },
  });
  const made = new Account(stack.name, { ...aws, account, redundancy, nodes }, { providers: [provider] }).outputs;
  return { cluster: made.cluster.name, kubeconfig: made.cluster.kubeconfig, backups: made.backups };
}
