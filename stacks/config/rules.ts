import { isIP } from "node:net";
import { declarations } from "../../glue-services/declared.ts";
import { connectionsNeeded } from "./connections.ts";
import { isLoopback, isRealDomain } from "./formats.ts";
import type { Settings } from "./schema.ts";

/** A rule over several settings. `path` is the setting to change, `reads` what else the rule depends on. */
export interface Rule {
  path: string;
  reads: string[];
  /** What may stand at `path`, in words. */
  allowed: string;
  /** The problem in one sentence; undefined when there is none. */
  broken(settings: Settings): string | undefined;
}

export const rules: Rule[] = [
  {
    path: "network.domain",
    reads: ["components.code"],
    allowed: "a name; an address only without Git hosting",
    broken: ({ network: { domain }, components }) =>
      // Git hosting has a name of its own below the domain, and no name is below an address.
      components.code && isIP(domain) !== 0
        ? `network.domain is ${domain}, an address, but Git hosting is served at a name below it. Set network.domain to a name that leads to ${domain}, in DNS or in the hosts file of each machine, or leave Git hosting out: components.code=false.`
        : undefined,
  },
  {
    path: "network.email",
    reads: ["network.domain", "network.tls"],
    allowed: "an e-mail address",
    broken: ({ network }) =>
      network.tls === "auto" && isRealDomain(network.domain) && network.email === undefined
        ? `network.email is missing: certificates for ${network.domain} are asked of a public authority, which wants an address to write to. Set it, or set network.tls to internal or off.`
        : undefined,
  },
  {
    path: "secrets.onepassword",
    reads: ["secrets.backend", "secrets.onepassword.vault"],
    allowed: "a section with vault, mode",
    broken: ({ secrets }) =>
      secrets.backend === "onepassword" && secrets.onepassword?.vault === undefined
        ? "secrets.onepassword.vault is missing: the backend onepassword needs the name of a vault."
        : undefined,
  },
  {
    path: "telemetry.endpoint",
    reads: ["telemetry.enabled"],
    allowed: "an http or https address",
    broken: ({ telemetry }) =>
      telemetry.enabled && telemetry.endpoint === undefined
        ? "telemetry.endpoint is missing: telemetry goes only to an address you name."
        : undefined,
  },
  {
    path: "sizing.postgres.maxConnections",
    reads: ["sizing.code.maxConnections", "components.code", "components.errors", "components.observability"],
    allowed: "as many as all programs together need",
    broken: (settings) => {
      // In a cluster the table of sizes says it.
      if (settings.stack.kind === "saas" || settings.stack.kind === "dedicated") return undefined;
      const { code, postgres } = settings.sizing;
      const needed = connectionsNeeded(settings, code.maxConnections, 1);
      return needed > postgres.maxConnections
        ? `sizing.postgres.maxConnections is ${postgres.maxConnections}, but the programs of this stack need ${needed} together, ${settings.components.code ? `${code.maxConnections} of them Git hosting (sizing.code.maxConnections)` : "Git hosting not among them"}.`
        : undefined;
    },
  },
  {
    path: "aws.account",
    reads: ["stack.kind"],
    allowed: "twelve digits, in quotes",
    broken: ({ stack, aws }) =>
      stack.kind === "dedicated" && aws.account === undefined
        ? "aws.account is missing: a dedicated stack is made in one account, and in no other by mistake."
        : undefined,
  },
  {
    path: "aws.cidr",
    reads: ["stack.kind", "kubernetes.size"],
    allowed: "a block of /18 or larger for the size large",
    broken: ({ stack, aws, kubernetes }) =>
      // With prefixes a node takes sixteen addresses at a time, and a zone's nodes have an eighth of the block.
      stack.kind === "dedicated" && kubernetes.size === "large" && Number(aws.cidr.split("/")[1]) > 18
        ? `aws.cidr is ${aws.cidr}, whose addresses the nodes and pods of the size large use up. Take /18 or a larger one; it cannot be changed later.`
        : undefined,
  },
  {
    path: "aws.zone",
    reads: ["stack.kind", "network.domain"],
    allowed: "a domain that network.domain is equal to or below of",
    broken: ({ stack, aws, network: { domain } }) => {
      if (stack.kind !== "dedicated") return undefined;
      const { zone } = aws;
      if (zone === undefined) return "aws.zone is missing: a dedicated stack makes its records in a zone of Route 53.";
      if (domain === zone || domain.endsWith(`.${zone}`)) return undefined;
      return `network.domain is ${domain}, which is not in the zone ${zone}.`;
    },
  },
  ...declarations.flatMap(({ checks = [] }) => checks.map((check) => ({ ...check, reads: [] }))),
];

/** What is allowed but most likely not meant. */
export function warningsOf({ network, stack, aws, components }: Settings): string[] {
  if (stack.kind === "dedicated")
    return [
      ...(aws.operators.length > 0 ? [] : [onlyFromWithin]),
      ...(aws.networkPolicy === "strict" ? [shutsOthersIn] : []),
    ];
  if (stack.kind === "saas") return components.code && components.runner ? [jobsOfAll] : [];
  const unreachable = network.tls === "auto" && isRealDomain(network.domain) && isLoopback(network.bind);
  if (!unreachable) return [];
  return [
    `network.bind is ${network.bind}, so a certificate authority cannot reach ${network.domain} here; set it to 0.0.0.0, or set network.tls to internal or off.`,
  ];
}

const jobsOfAll =
  "components.runner is on in a cluster that many tenants share: in a pod a job is the same user as the runner, and can read the token by which runners register for all organisations. Switch it off unless you know all who write workflows.";

const shutsOthersIn =
  "aws.networkPolicy is strict: pods of namespaces that are not this stack's reach nobody, names included, until a policy of yours lets them. Try it before people depend on the stack: there were versions of VPC CNI that shut CoreDNS in.";

const onlyFromWithin =
  "aws.operators is empty, so the cluster's API answers only within the VPC: run `up` from there, by VPN or peering, or name the addresses you come from.";
