import { Type } from "typebox";
import { everyStack, oneMachine } from "./kinds.ts";
import { namePattern } from "./platform.ts";

export const providerKinds = ["openai", "anthropic", "google", "bedrock", "openai-compatible"] as const;

/** A letter, digit, `-`, `_` or `.` of a name in 1Password, as it is or percent-encoded. */
const letter = "(?:[A-Za-z0-9_.-]|%(?:2[dDeE]|3[0-9]|[46][1-9A-Fa-f]|[57][0-9Aa]|5[fF]))";
const space = "(?: |%20)";
const name = `${space}*${letter}(?:${letter}|${space})*`;

/** Where a secret is, never the secret: `env:NAME` or `op://vault/item/field`, as the secrets service reads them. */
export const referencePattern = `^(env:[A-Z][A-Z0-9_]*|[oO][pP]://${name}/${name}(/${name}){1,2}(\\?[aA][tT][tT][rR]([iI][bB][uU][tT][eE])?=[oO][tT][pP])?)$`;

const url = {
  pattern: "^https?://[^\\s/?#]+[^\\s]*$",
  "x-allowed": "an http or https address",
};

export const Provider = Type.Object(
  {
    name: Type.String({
      title: "Name",
      description: "Names the provider in model names, budgets and logs.",
      examples: ["openai"],
      pattern: namePattern,
      "x-allowed": "lower-case letters, digits and dashes, a letter first, at most 31 characters",
    }),
    kind: Type.Enum([...providerKinds], {
      title: "Kind",
      description: "Which protocol the provider speaks.",
      examples: ["openai"],
    }),
    baseUrl: Type.Optional(
      Type.String({
        title: "Address",
        description: "Where the provider answers; needed for openai-compatible, otherwise the provider's own.",
        examples: ["http://localhost:11434/v1"],
        ...url,
      }),
    ),
    key: Type.Optional(
      Type.String({
        title: "Key",
        description:
          "Where the key is found: env:NAME for a secret of that name (`./devflow secrets set NAME`), op://vault/item/field for 1Password. Never the key itself, since this file is read by editors, backups and Git.",
        examples: ["env:OPENAI_API_KEY", "op://devflow/openai/key"],
        pattern: referencePattern,
        "x-allowed":
          "a reference, env:NAME or op://vault/item/field; never the key itself, since this file is read by editors, backups and Git",
      }),
    ),
  },
  { title: "Provider", description: "One provider of language models.", additionalProperties: false },
);

export const Models = Type.Object(
  {
    providers: Type.Array(Provider, {
      title: "Model providers",
      description: "Providers of language models the AI gateway may use. None is fine; they can be added later.",
      default: [],
      examples: [[{ name: "openai", kind: "openai", key: "env:OPENAI_API_KEY" }]],
      "x-stacks": everyStack,
    }),
  },
  { title: "Models", description: "Language models.", additionalProperties: false },
);

const part = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
/** A name, all below one, an address or a range, each with a port or without. */
const reachablePattern = `^((\\*\\.)?${part}(\\.${part})*(/\\d{1,2})?|\\[[0-9A-Fa-f:.]+\\](/\\d{1,3})?)(:\\d{1,5})?$`;

export const Knowledge = Type.Object(
  {
    allow: Type.Array(
      Type.String({
        pattern: reachablePattern,
        maxLength: 300,
        "x-allowed":
          "a host such as wiki.example.internal or *.example.internal, or a range such as 10.1.0.0/16 or [fd00::]/8, with a port or without",
      }),
      {
        title: "Private addresses",
        description:
          "Hosts and ranges of private networks that the knowledge base may read. Everything in the internet it may; of private networks nothing else, whatever a name resolves to. On a cluster name addresses or ranges: the policies of its network know no names.",
        default: [],
        examples: [["wiki.example.internal", "10.1.0.0/16", "localhost:8080"]],
        maxItems: 100,
        "x-stacks": everyStack,
      },
    ),
  },
  { title: "Knowledge", description: "What the knowledge base may read.", additionalProperties: false },
);

export const Secrets = Type.Object(
  {
    backend: Type.Enum(["env", "onepassword"], {
      title: "Secrets backend",
      description: "Where secrets are kept: env (a file only you can read, in the stack's folder) or onepassword.",
      default: "env",
      examples: ["env", "onepassword"],
      "x-stacks": everyStack,
    }),
    onepassword: Type.Optional(
      Type.Object(
        {
          vault: Type.String({
            title: "1Password vault",
            description: "Name or id of the vault.",
            examples: ["devflow"],
            minLength: 1,
            "x-allowed": "the name or id of a vault",
            "x-stacks": everyStack,
          }),
          mode: Type.Enum(["service-account", "connect", "cli"], {
            title: "1Password access",
            description:
              "service-account (OP_SERVICE_ACCOUNT_TOKEN), connect (a Connect server) or cli (the op program you are signed in to).",
            default: "service-account",
            examples: ["service-account", "cli"],
            "x-stacks": everyStack,
          }),
        },
        { title: "1Password", description: "Needed when the backend is onepassword.", additionalProperties: false },
      ),
    ),
  },
  { title: "Secrets", description: "Where secrets are kept.", additionalProperties: false },
);

export const Telemetry = Type.Object(
  {
    enabled: Type.Boolean({
      title: "Telemetry",
      description: "Send anonymous figures on use and errors to the address you name. Off unless you turn it on.",
      default: false,
      examples: [false],
      "x-stacks": everyStack,
    }),
    endpoint: Type.Optional(
      Type.String({
        title: "Telemetry address",
        description: "OpenTelemetry (OTLP over HTTP) address the figures go to.",
        examples: ["https://otel.example.com"],
        ...url,
        "x-stacks": everyStack,
      }),
    ),
  },
  { title: "Telemetry", description: "What leaves this machine: nothing, by default.", additionalProperties: false },
);

export const Artifacts = Type.Object(
  {
    mirrors: Type.Object(
      {
        official: mirror("official downloads"),
        npm: mirror("npm packages"),
        pypi: mirror("Python wheels"),
        maven: mirror("Maven artifacts"),
        go: mirror("Go modules"),
      },
      { title: "Mirrors", description: "Asked in place of the public sources.", additionalProperties: false },
    ),
    offline: Type.Optional(
      Type.String({
        title: "Offline folder",
        description: "Folder with artifacts fetched before; it is asked first. A relative path starts at this file.",
        examples: ["./artifacts"],
        minLength: 1,
        "x-allowed": "path of a folder",
        "x-path": true,
        "x-stacks": oneMachine,
      }),
    ),
    official: Type.Boolean({
      title: "Official downloads",
      description: "Ask the projects' own download pages before the package registries.",
      default: true,
      examples: [true, false],
      "x-stacks": oneMachine,
    }),
  },
  { title: "Artifacts", description: "Where programs come from.", additionalProperties: false },
);

function mirror(what: string) {
  return Type.Optional(
    Type.String({
      title: `Mirror of ${what}`,
      description: `Address that serves ${what} in place of the public source.`,
      examples: ["https://mirror.example.com"],
      ...url,
      "x-stacks": oneMachine,
    }),
  );
}
