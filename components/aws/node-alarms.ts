import { type ComponentResource, type Input, jsonStringify, type Output } from "@pulumi/pulumi";
import { child } from "../component.ts";
import { sdk } from "../sdk.ts";

/** Tells of nodes that cannot be made: a quota, or no capacity of any of the group's kinds. */
export function nodeAlarms(
  name: string,
  { scalingGroups, topic }: { scalingGroups: Output<string>[]; topic: Input<string> },
  parent: ComponentResource,
): void {
  const { EventRule, EventTarget } = sdk.aws().cloudwatch;
  const full = `${name}-nodes`;
  const eventPattern = jsonStringify({
    source: ["aws.autoscaling"],
    "detail-type": ["EC2 Instance Launch Unsuccessful"],
    detail: { AutoScalingGroupName: scalingGroups },
  });
  const description = "A node could not be made: a quota, or no capacity of its kinds";
  const rule = child(EventRule, full, { name: full, description, eventPattern }, parent);
  child(EventTarget, full, { rule: rule.name, arn: topic }, parent);
}
