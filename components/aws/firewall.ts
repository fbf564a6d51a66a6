import type * as Aws from "@pulumi/aws";

type Rule = Aws.types.input.wafv2.WebAclRule;
type Metric = (name: string) => Rule["visibilityConfig"];

/** AWS's own rules, and those of them that would shut people out of a platform whose business is code. */
const managed: { name: string; counted: string[] }[] = [
  { name: "AWSManagedRulesAmazonIpReputationList", counted: [] },
  { name: "AWSManagedRulesKnownBadInputsRuleSet", counted: [] },
  {
    name: "AWSManagedRulesCommonRuleSet",
    // Pushes are larger than 8 KiB, and code that somebody pushes or talks about looks like an attack.
    counted: [
      "SizeRestrictions_BODY",
      "CrossSiteScripting_BODY",
      "GenericLFI_BODY",
      "GenericRFI_BODY",
      "EC2MetaDataSSRF_BODY",
      // git and the platforms' command lines say who they are in their own way, or not at all.
      "NoUserAgent_HEADER",
    ],
  },
];

/** Requests that one address may make within five minutes: far above a person and a busy runner. */
const mostRequests = 10_000;

export function firewallRules(metric: Metric): Rule[] {
  return [
    ...managed.map(
      ({ name, counted }, index): Rule => ({
        name,
        priority: index,
        overrideAction: { none: {} },
        statement: {
          managedRuleGroupStatement: {
            vendorName: "AWS",
            name,
            ruleActionOverrides: counted.map((rule) => ({ name: rule, actionToUse: { count: {} } })),
          },
        },
        visibilityConfig: metric(name),
      }),
    ),
    {
      name: "rate",
      priority: managed.length,
      action: { block: {} },
      statement: { rateBasedStatement: { limit: mostRequests, aggregateKeyType: "IP" } },
      visibilityConfig: metric("rate"),
    },
  ];
}
