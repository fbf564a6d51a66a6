import { Type } from "typebox";
import { byPulumi, everyStack, localOnly, oneMachine, stackKinds } from "./kinds.ts";

/** Lower-case name that is safe in folder names, host names and database names. */
export const namePattern = "^[a-z][a-z0-9-]{0,30}$";
const nameAllowed = "lower-case letters, digits and dashes, a letter first, at most 31 characters";

/** Login name that every part of the platform accepts. */
export const loginPattern = "^[a-z][a-z0-9_.-]{0,38}[a-z0-9]$|^[a-z]$";

/** Ports above the public one that DevFlow's own processes use. */
export const internalPorts = 19;

export const Stack = Type.Object(
  {
    name: Type.String({
      title: "Stack name",
      description: "Names the stack's folder, its processes and its databases. Several stacks can live on one machine.",
      default: "local",
      examples: ["local", "demo"],
      pattern: namePattern,
      "x-allowed": nameAllowed,
      "x-stacks": everyStack,
    }),
    kind: Type.Enum([...stackKinds], {
      title: "Stack kind",
      description:
        "Where the stack runs: local (native processes on this machine), onprem (Docker containers on one machine), saas (any Kubernetes cluster), dedicated (one customer's AWS account). All but local are made by Pulumi.",
      default: "local",
      examples: ["local"],
      "x-stacks": everyStack,
    }),
  },
  { title: "Stack", description: "Which stack this is and where it runs.", additionalProperties: false },
);

export const Network = Type.Object(
  {
    domain: Type.String({
      title: "Domain",
      description: "Host name under which the platform is reached. A real domain gets TLS certificates by itself.",
      default: "localhost",
      examples: ["localhost", "dev.example.com"],
      maxLength: 253,
      format: "domain",
      "x-allowed": "a host name such as localhost or dev.example.com, or an IP address; no scheme, port or path",
      "x-stacks": everyStack,
    }),
    port: Type.Integer({
      title: "Port",
      description: `Public port of the proxy. The ${internalPorts} ports above it belong to DevFlow's own processes.`,
      default: 4400,
      examples: [4400, 8443],
      minimum: 1,
      maximum: 65535 - internalPorts,
      "x-stacks": oneMachine,
    }),
    bind: Type.String({
      title: "Bind address",
      description: "Address of this machine the proxy listens on: 127.0.0.1 for this machine only, 0.0.0.0 for all.",
      default: "127.0.0.1",
      examples: ["127.0.0.1", "0.0.0.0"],
      format: "ip",
      "x-allowed": "an IPv4 or IPv6 address",
      "x-stacks": oneMachine,
    }),
    tls: Type.Enum(["auto", "internal", "off"], {
      title: "TLS",
      description:
        "auto: ACME certificates on a real domain, plain HTTP on localhost. internal: certificates of the proxy's own authority. off: plain HTTP.",
      default: "auto",
      examples: ["auto", "internal"],
      "x-stacks": everyStack,
    }),
    trustedProxies: Type.Array(
      Type.String({
        format: "range",
        maxLength: 43,
        "x-allowed": "an address such as 10.0.0.7 or a range such as 10.1.0.0/16 or fd00::/8",
      }),
      {
        title: "Trusted proxies",
        description:
          "Proxies and load balancers before the platform's own: only what they say of a client's address and scheme is believed. Without it nobody is.",
        default: [],
        examples: [["10.0.0.7"], ["10.1.0.0/24", "fd00:1::/64"]],
        maxItems: 100,
        "x-stacks": everyStack,
      },
    ),
    email: Type.Optional(
      Type.String({
        title: "Certificate e-mail",
        description:
          "Given to the certificate authority (ACME), which writes to it when a certificate cannot be renewed.",
        examples: ["ops@example.com"],
        format: "email",
        "x-allowed": "an e-mail address",
        "x-stacks": everyStack,
      }),
    ),
  },
  { title: "Network", description: "How the platform is reached.", additionalProperties: false },
);

export const Organisation = Type.Object(
  {
    name: Type.String({
      title: "Organisation",
      description: "Name of the first organisation; shown in the dashboard and used for its first projects.",
      default: "My organisation",
      examples: ["Example Ltd"],
      maxLength: 100,
      pattern: "^[^\\s\\u0000-\\u001f\\u007f]([^\\u0000-\\u001f\\u007f]*[^\\s\\u0000-\\u001f\\u007f])?$",
      "x-allowed": "one line of 1 to 100 characters, without spaces at its ends",
      "x-stacks": everyStack,
    }),
    administrator: Type.Object(
      {
        name: Type.String({
          title: "Administrator's login",
          description:
            "Login name of the first person, who may do everything. Without it: your login name on this machine.",
          default: "admin",
          examples: ["ada"],
          pattern: loginPattern,
          "x-allowed":
            "lower-case letters, digits, dashes, dots and underscores, a letter first, at most 40 characters",
          "x-stacks": everyStack,
        }),
        email: Type.String({
          title: "Administrator's e-mail",
          description: "Address of the first administrator. Without it: admin@ and the domain.",
          default: "admin@localhost",
          examples: ["ada@example.com"],
          format: "email",
          "x-allowed": "an e-mail address",
          "x-stacks": everyStack,
        }),
      },
      { title: "Administrator", description: "The first person who can sign in.", additionalProperties: false },
    ),
  },
  { title: "Organisation", description: "The first organisation and its administrator.", additionalProperties: false },
);

export const Engine = Type.Object(
  {
    parallel: Type.Integer({
      title: "Parallel operations",
      description: "How many resources the engine works on at the same time.",
      default: 8,
      examples: [4, 16],
      minimum: 1,
      maximum: 64,
      "x-stacks": localOnly,
    }),
    backend: Type.Optional(
      Type.String({
        title: "State backend",
        description:
          "Where Pulumi keeps the stack's state. Without it: a folder of the stack's own on this machine. Several people need a shared one.",
        examples: ["s3://example-devflow-state?region=eu-central-1", "https://api.pulumi.com"],
        pattern: "^(file|s3|gs|azblob|https)://[^\\s]+$",
        "x-allowed": "file://, s3://, gs:// or azblob:// and a place, or the address of a Pulumi Cloud",
        "x-stacks": byPulumi,
      }),
    ),
    secretsProvider: Type.Optional(
      Type.String({
        title: "Secrets provider",
        description:
          "What encrypts the secrets in Pulumi's state. Without it: a passphrase that is made once and kept with the stack (mode 0600).",
        examples: ["awskms://alias/devflow?region=eu-central-1"],
        pattern: "^(awskms|azurekeyvault|gcpkms|hashivault)://[^\\s]+$|^passphrase$|^default$",
        "x-allowed": "awskms://, azurekeyvault://, gcpkms:// or hashivault:// and a key, passphrase, or default",
        "x-stacks": byPulumi,
      }),
    ),
  },
  { title: "Engine", description: "The engine that carries out the stack's program.", additionalProperties: false },
);
