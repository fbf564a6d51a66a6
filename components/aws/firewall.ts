import type * as Aws from "@pulumi/aws";

type Rule = Aws.types.input.wafv2.WebAclRule;
type Statement = Aws.types.input.wafv2.WebAclRuleStatement;
type Field = Aws.types.input.wafv2.WebAclRuleStatementByteMatchStatementFieldToMatch;
type Metric = (name: string) => Rule["visibilityConfig"];

/** Rules that look at addresses. They count, and what they found is refused below wherever it means nothing there. */
const ofAddresses = [
  "EC2MetaDataSSRF_QUERYARGUMENTS",
  "GenericRFI_QUERYARGUMENTS",
  "GenericLFI_QUERYARGUMENTS",
  "GenericLFI_URIPATH",
  "CrossSiteScripting_QUERYARGUMENTS",
  "RestrictedExtensions_URIPATH",
  "SizeRestrictions_QUERYSTRING",
];

/** AWS's own rules, and those of them that would shut people out of a platform whose business is code. */
const managed: { name: string; counted: string[] }[] = [
  { name: "AWSManagedRulesAmazonIpReputationList", counted: [] },
  // A prompt or an issue may be about an attack.
  { name: "AWSManagedRulesKnownBadInputsRuleSet", counted: ["Log4JRCE_BODY", "JavaDeserializationRCE_BODY"] },
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
      ...ofAddresses,
    ],
  },
];

/** Hosts below the domain where any address may be read: repositories have files of every name, and apps are people's own. */
const openHosts = ["code.", "runtime."];

/** Where agents sign in: the address they want the answer at is one of their own machine, `http://127.0.0.1:PORT/`. */
const openPaths = ["/api/auth/oauth2/", "/.well-known/"];

/** Requests that one address may make to one host within five minutes: far above an office behind one address. */
const mostRequests = 20_000;

/** @param own addresses of the cluster itself, whose runners ask the platform by its public name */
export function firewallRules(metric: Metric, own: { ipSet: Aws.wafv2.IpSet["arn"] }): Rule[] {
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
      name: "addresses",
      priority: managed.length,
      action: { block: {} },
      statement: {
        andStatement: { statements: [foundInAddress(), not(anyOf([...openHosts.map(host), ...openPaths.map(path)]))] },
      },
      visibilityConfig: metric("addresses"),
    },
    {
      name: "rate",
      priority: managed.length + 1,
      action: { block: {} },
      statement: {
        rateBasedStatement: {
          limit: mostRequests,
          aggregateKeyType: "CUSTOM_KEYS",
          customKeys: [{ ip: {} }, { header: { name: "host", textTransformations: lowerCase } }],
          scopeDownStatement: not({ ipSetReferenceStatement: { arn: own.ipSet } }),
        },
      },
      visibilityConfig: metric("rate"),
    },
  ];
}

/** Labels that the managed rules put on what they count. */
function foundInAddress(): Statement {
  return anyOf(
    ofAddresses.map((rule) => ({
      labelMatchStatement: { scope: "LABEL", key: `awswaf:managed:aws:core-rule-set:${labelOf(rule)}` },
    })),
  );
}

/** AWS writes the part of a request in capitals in the rule's name and in words in its label. */
function labelOf(rule: string): string {
  const [name = "", part = ""] = rule.split("_");
  const words: Record<string, string> = {
    QUERYARGUMENTS: "QueryArguments",
    URIPATH: "URIPath",
    QUERYSTRING: "QueryString",
  };
  return `${name}_${words[part] ?? part}`;
}

function host(start: string): Statement {
  return begins({ singleHeader: { name: "host" } }, start);
}

function path(start: string): Statement {
  return begins({ uriPath: {} }, start);
}

function begins(fieldToMatch: Field, searchString: string): Statement {
  return {
    byteMatchStatement: {
      ...{ fieldToMatch, searchString, positionalConstraint: "STARTS_WITH" },
      textTransformations: lowerCase,
    },
  };
}

function anyOf(statements: Statement[]): Statement {
  return { orStatement: { statements } };
}

function not(statement: Statement): Statement {
  return { notStatement: { statement } };
}

const lowerCase = [{ priority: 0, type: "LOWERCASE" }];
