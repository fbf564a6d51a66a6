import type * as Aws from "@pulumi/aws";
import {
  type ComponentResource,
  type ComponentResourceOptions,
  type Input,
  jsonStringify,
  type Output,
} from "@pulumi/pulumi";
import { child, Product, type Transform } from "../component.ts";
import { allow, type Statement } from "../primitives/aws/policy.ts";
import { sdk } from "../sdk.ts";

/** The one topic that tells people of the account's alarms, and the events of AWS that are alarms by themselves. */
export interface AlarmsArgs {
  account: string;
  /** ARN of the key that what is told is encrypted with. */
  key: Input<string>;
  /** Addresses that are told by e-mail; each confirms once. */
  emails: string[];
  transform?: { topic?: Transform<Aws.sns.TopicArgs> };
}

export interface AlarmsOutputs {
  /** ARN of the topic, which others may subscribe to: a pager, a chat. It lets AWS publish when it resolves. */
  topic: Output<string>;
}

export class Alarms extends Product<AlarmsArgs, AlarmsOutputs> {
  constructor(name: string, args: AlarmsArgs, options?: ComponentResourceOptions) {
    super("AwsAlarms", compose, name, args, options);
  }
}

function compose(name: string, args: AlarmsArgs, parent: ComponentResource): AlarmsOutputs {
  const { sns, rds } = sdk.aws();
  const topic = child(
    sns.Topic,
    `${name}-alarms`,
    { name: `${name}-alarms`, kmsMasterKeyId: args.key },
    parent,
    args.transform?.topic,
  );
  const policy = jsonStringify({ Version: "2012-10-17", Statement: publishers(topic.arn, args.account) });
  const open = child(sns.TopicPolicy, `${name}-alarms`, { arn: topic.arn, policy }, parent);
  for (const endpoint of args.emails) {
    child(sns.TopicSubscription, `${name}-${endpoint}`, { topic: topic.arn, protocol: "email", endpoint }, parent);
  }
  const told = { dependsOn: open };
  // Without sources it is for every instance of the account, which is this customer's alone.
  child(
    rds.EventSubscription,
    `${name}-database`,
    {
      name: `${name}-database`,
      snsTopic: topic.arn,
      sourceType: "db-instance",
      eventCategories: ["availability", "failover", "failure", "low storage", "maintenance", "recovery"],
    },
    parent,
    undefined,
    told,
  );
  return { topic: open.arn };
}

/** Services of AWS, for this account only. EventBridge says which rule it is for. */
function publishers(topic: Output<string>, account: string): Statement[] {
  const publish = (Service: string, Condition: Statement["Condition"]): Statement => ({
    ...allow(["sns:Publish"], [topic]),
    Principal: { Service },
    ...(Condition && { Condition }),
  });
  const own = { StringEquals: { "aws:SourceAccount": account } };
  return [
    publish("cloudwatch.amazonaws.com", own),
    publish("events.rds.amazonaws.com", own),
    publish("events.amazonaws.com", { ArnLike: { "aws:SourceArn": `arn:aws:events:*:${account}:rule/*` } }),
  ];
}
