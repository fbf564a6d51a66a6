import { Type } from "typebox";
import { onAws } from "./kinds.ts";

/** Regions are named alike: a continent, a side of it, a number. */
const regionPattern = "^[a-z]{2}(-gov|-iso[a-z]?)?-[a-z]+-[1-9]$";
const block = "(25[0-5]|2[0-4]\\d|1?\\d?\\d)(\\.(25[0-5]|2[0-4]\\d|1?\\d?\\d)){3}";

export const Aws = Type.Object(
  {
    region: Type.String({
      title: "Region",
      description: "AWS region that everything is made in. It needs three availability zones.",
      default: "eu-central-1",
      examples: ["eu-central-1", "us-east-1"],
      pattern: regionPattern,
      "x-allowed": "a region of AWS such as eu-central-1",
      "x-stacks": onAws,
    }),
    account: Type.Optional(
      Type.String({
        title: "Account",
        description:
          "The customer's AWS account. Nothing is made with credentials of another one. Needed by stacks of kind dedicated.",
        examples: ["123456789012"],
        pattern: "^\\d{12}$",
        "x-allowed": "twelve digits, in quotes",
        "x-stacks": onAws,
      }),
    ),
    zone: Type.Optional(
      Type.String({
        title: "Hosted zone",
        description:
          "Public zone in Route 53 of that account that network.domain is in. Needed by stacks of kind dedicated.",
        examples: ["example.com"],
        format: "domain",
        maxLength: 253,
        "x-allowed": "a domain without a dot at its end",
        "x-stacks": onAws,
      }),
    ),
    cidr: Type.String({
      title: "Addresses",
      description:
        "IPv4 addresses of the VPC, from /16 to /20. It must not overlap with networks it is to be connected to, and cannot be changed later.",
      default: "10.80.0.0/16",
      examples: ["10.80.0.0/16", "172.20.64.0/18"],
      pattern: `^(10|172\\.(1[6-9]|2\\d|3[01])|192\\.168)(\\.(25[0-5]|2[0-4]\\d|1?\\d?\\d)){1,3}/(1[6-9]|20)$`,
      "x-allowed": "a private block such as 10.80.0.0/16, from /16 to /20",
      "x-stacks": onAws,
    }),
    kubernetes: Type.String({
      title: "Kubernetes",
      description: "Minor version of Kubernetes on EKS. One step up at a time.",
      default: "1.35",
      examples: ["1.35"],
      pattern: "^1\\.[1-9][0-9]$",
      "x-allowed": "a minor version such as 1.35",
      "x-stacks": onAws,
    }),
    operators: Type.Array(
      Type.String({ pattern: `^${block}/([89]|[12]\\d|3[0-2])$`, "x-allowed": "an IPv4 block such as 203.0.113.7/32" }),
      {
        title: "Operators' addresses",
        description:
          "Addresses from which the cluster's API can be reached from outside of the VPC. None: only from within, by VPN or peering.",
        default: [],
        examples: [["203.0.113.7/32"]],
        maxItems: 40,
        "x-stacks": onAws,
      },
    ),
    administrators: Type.Array(
      Type.String({
        pattern: "^arn:aws[a-z-]*:iam::\\d{12}:role/[\\w+=,.@/-]+$",
        "x-allowed": "the ARN of an IAM role",
      }),
      {
        title: "Administrators",
        description:
          "Roles that administer the cluster, and nobody else. Name the one that runs `up`, which sets the cluster up through its API. Empty: whoever makes the cluster administers it.",
        default: [],
        examples: [["arn:aws:iam::123456789012:role/operations"]],
        "x-stacks": onAws,
      },
    ),
    networkPolicy: Type.Enum(["standard", "strict"], {
      title: "Network policies",
      description:
        "How they are held in a pod's first seconds: strict lets a pod reach nobody until its policies are known to its node. Strict also shuts in pods of namespaces of your own that no policy names.",
      default: "standard",
      examples: ["standard", "strict"],
      "x-stacks": onAws,
    }),
    standby: Type.Optional(
      Type.Boolean({
        title: "Standby",
        description:
          "Whether the database has a copy in another zone that takes over by itself, at the price of a second one. Without it a lost zone means a restore. Unset: as kubernetes.ha.",
        examples: [true, false],
        "x-stacks": onAws,
      }),
    ),
    endpoints: Type.Enum(["all", "minimal"], {
      title: "Private endpoints",
      description:
        "all: the services of AWS that nodes call have an address in the VPC, paid by the hour. minimal: S3 alone, which is free; all else goes by the NAT gateway.",
      default: "all",
      examples: ["all", "minimal"],
      "x-stacks": onAws,
    }),
    trail: Type.Boolean({
      title: "CloudTrail",
      description: "Whether calls to AWS are recorded here. Set it to false where your organisation's trail does.",
      default: true,
      examples: [true, false],
      "x-stacks": onAws,
    }),
    alarms: Type.Array(Type.String({ format: "email", maxLength: 254, "x-allowed": "an e-mail address" }), {
      title: "Alarms",
      description:
        "Who is told by e-mail of a full disk, failed backups, errors at the edge and the like; each confirms once. The topic is an output of the stack for anything else.",
      default: [],
      examples: [["ops@example.com"]],
      uniqueItems: true,
      "x-stacks": onAws,
    }),
    retention: Type.Integer({
      title: "Retention",
      description:
        "Days that backups are kept and cannot be deleted by anybody, and that deleted objects can be brought back. RDS keeps 35 at most.",
      default: 30,
      examples: [30, 90],
      minimum: 7,
      maximum: 3650,
      "x-unit": "days",
      "x-stacks": onAws,
    }),
    protect: Type.Boolean({
      title: "Protect data",
      description:
        "Whether what holds data refuses to be deleted, also by destroy. Set it to false and run up before a teardown.",
      default: true,
      examples: [true, false],
      "x-stacks": onAws,
    }),
  },
  { title: "AWS", description: "The customer's account, for stacks of kind dedicated.", additionalProperties: false },
);
