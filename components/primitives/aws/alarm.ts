import type * as Aws from "@pulumi/aws";
import type { ComponentResource, Input } from "@pulumi/pulumi";
import { child } from "../../component.ts";
import { sdk } from "../../sdk.ts";

/** A number of CloudWatch that somebody has to hear of. */
export interface AlarmArgs {
  /** What is wrong and what to do, as whoever is woken reads it. */
  says: string;
  /** Namespace and name of the number. @example ["AWS/RDS", "FreeStorageSpace"] */
  metric: [namespace: string, name: string];
  of: Record<string, Input<string>>;
  statistic: "Average" | "Sum" | "Minimum" | "Maximum";
  /** It is wrong above, or below, so much. */
  above?: number;
  below?: number;
  /** Minutes of one number, and how many of them in a row. */
  minutes: number;
  times: number;
  /** ARN of the topic that tells people. */
  topic: Input<string>;
}

/** Tells the topic when the number goes wrong and when it is right again. No number is no news: many count only events. */
export function alarm(name: string, args: AlarmArgs, parent: ComponentResource): Aws.cloudwatch.MetricAlarm {
  const { metric, above, below = 0, topic } = args;
  const [namespace, metricName] = metric;
  return child(
    sdk.aws().cloudwatch.MetricAlarm,
    name,
    {
      ...{ name, namespace, metricName, dimensions: args.of, statistic: args.statistic },
      alarmDescription: args.says,
      comparisonOperator: above === undefined ? "LessThanThreshold" : "GreaterThanThreshold",
      threshold: above ?? below,
      period: args.minutes * 60,
      evaluationPeriods: args.times,
      treatMissingData: "notBreaching",
      alarmActions: [topic],
      okActions: [topic],
    },
    parent,
  );
}
