import { Type } from "typebox";
import { everyStack, oneMachine } from "./kinds.ts";

const url = {
  pattern: "^https?://[^\\s/?#]+[^\\s]*$",
  "x-allowed": "an http or https address",
};

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
