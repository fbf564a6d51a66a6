import type { ComponentResource, Output } from "@pulumi/pulumi";
import { alarm } from "../../primitives/aws/alarm.ts";
import { surroundings } from "../../surroundings.ts";

/** What people meet at the edge: errors, refusals, and a certificate that nobody renews. */
export function edgeAlarms(
  name: string,
  of: { balancer: Output<string>; firewall: string; certificate: Output<string> },
  parent: ComponentResource,
): void {
  const { alarms: topic, region } = surroundings("aws");
  const balancer = { LoadBalancer: of.balancer };
  alarm(
    `${name}-no-answer`,
    {
      says: "The load balancer itself answers with errors: no pod is ready, or none in time.",
      metric: ["AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count"],
      ...{ of: balancer, statistic: "Sum", above: 50, minutes: 5, times: 2, topic },
    },
    parent,
  );
  alarm(
    `${name}-failed-answers`,
    {
      says: "Programs of the platform answer with errors. See the logs of platform and code.",
      metric: ["AWS/ApplicationELB", "HTTPCode_Target_5XX_Count"],
      ...{ of: balancer, statistic: "Sum", above: 100, minutes: 5, times: 3, topic },
    },
    parent,
  );
  alarm(
    `${name}-refused`,
    {
      says: "The firewall refuses unusually much: an attack, or a rule that shuts people out. See its log for the rule.",
      metric: ["AWS/WAFV2", "BlockedRequests"],
      of: { WebACL: of.firewall, Region: region, Rule: "ALL" },
      ...{ statistic: "Sum", above: 1000, minutes: 5, times: 2, topic },
    },
    parent,
  );
  alarm(
    `${name}-certificate`,
    {
      says: "The certificate ends within three weeks and was not renewed: is its record in the zone still there?",
      metric: ["AWS/CertificateManager", "DaysToExpiry"],
      of: { CertificateArn: of.certificate },
      ...{ statistic: "Minimum", below: 21, minutes: 24 * 60, times: 1, topic },
    },
    parent,
  );
}
