import { join } from "node:path";
import { Type } from "typebox";
import { declareService, resource } from "../kit/declare/index.ts";
import { brokenProviders, Models } from "./configuration.ts";

export const service = declareService({
  name: "ai-gateway",
  title: "AI gateway",
  description: "Every call of a language model: routes, keys, budgets, usage and guardrails.",
  group: "gateway",
  memory: 14,
  needs: {
    database: resource.database,
    dataFolder: Type.Optional(resource.dataFolder),
    embeddings: Type.Optional(
      Type.String({ description: "JSON file with the folders `runtime` and `model`, which may come later." }),
    ),
  },
  settings: { models: Models },
  checks: [
    {
      path: "models.providers",
      allowed: "a list of providers with different names, each openai-compatible one with a baseUrl",
      broken: ({ models }) => brokenProviders(models),
    },
  ],
  scopes: {
    "ai:run": "Call models",
    "ai:read": "Read models, usage and budgets",
    "ai:manage": "Manage providers, routes, keys and budgets",
  },
  async load({ settings, resources: { dataFolder, embeddings } }) {
    const { aiGateway } = await import("./app.ts");
    return aiGateway({
      providers: settings.models.providers,
      // Usage that is not in the database yet.
      ...(dataFolder !== undefined && { spool: join(dataFolder, "usage") }),
      local: embeddings,
    });
  },
});
