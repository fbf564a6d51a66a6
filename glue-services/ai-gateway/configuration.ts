import { type Static, Type } from "typebox";
import { referencePattern } from "../kit/declare/reference.ts";
import { everyStack } from "../kit/declare/stack-kinds.ts";
import { providerKinds } from "./provider-kinds.ts";

export const Provider = Type.Object(
  {
    name: Type.String({
      title: "Name",
      description: "Names the provider in model names, budgets and logs.",
      examples: ["openai"],
      pattern: "^[a-z][a-z0-9-]{0,30}$",
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
        pattern: "^https?://[^\\s/?#]+[^\\s]*$",
        "x-allowed": "an http or https address",
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

/** What is wrong with providers together; undefined when nothing is. */
export function brokenProviders({ providers }: Static<typeof Models>): string | undefined {
  const twice = providers.find((one, index) => providers.findIndex((other) => other.name === one.name) !== index);
  if (twice) return `models.providers has two providers named ${twice.name}; each needs its own name.`;
  const lost = providers.find((one) => one.kind === "openai-compatible" && one.baseUrl === undefined);
  return lost ? `models.providers: ${lost.name} is openai-compatible and needs a baseUrl.` : undefined;
}
