import { type Static, Type } from "typebox";
import type { App } from "../../kit/index.ts";
import type { Gateway } from "../call/context.ts";
import type { Caller } from "../callers.ts";
import { localModel } from "../embed/sentences.ts";
import { findListed, listed, priceOf } from "../prices/prices.ts";
import type { Provider } from "../providers/provider.ts";
import { localEmbedding, localProvider } from "../routing/plan.ts";
import { CallError } from "../wire/call-error.ts";

const ModelShown = Type.Object({
  id: Type.String(),
  object: Type.Literal("model"),
  created: Type.Number(),
  owned_by: Type.String(),
  context_window: Type.Union([Type.Integer(), Type.Null()]),
  price: Type.Union([
    Type.Object({ input: Type.Number(), output: Type.Number() }, { description: "Dollars a million tokens." }),
    Type.Null(),
  ]),
});
export type ModelShown = Static<typeof ModelShown>;
const ModelList = Type.Object({ object: Type.Literal("list"), data: Type.Array(ModelShown) });

/** What there is: routes, the models of the list, and those that a server of one's own names. */
export function modelRoutes(app: App, gateway: Gateway): void {
  const { listFor } = catalogue(gateway);
  app.get(
    "/api/ai/models",
    {
      auth: { scope: "ai:read" },
      schema: { tags: ["ai"], summary: "Routes and models", response: { 200: ModelList } },
    },
    async ({ identity }) => {
      const settings = await gateway.callers.settings.get(identity.organisation);
      if (!settings) throw new Error("An organisation's settings are always an answer.");
      const { organisation, person } = identity;
      const nobody = { project: undefined, key: undefined, service: undefined, models: [], budgets: [] };
      return listFor({ organisation, person, settings, ...nobody });
    },
  );
}

export interface Catalogue {
  listFor(caller: Caller): Promise<Static<typeof ModelList>>;
  /** @throws CallError model_not_found */
  find(caller: Caller, name: string): Promise<ModelShown>;
}

/** The models of a gateway. */
export function catalogue(gateway: Gateway): Catalogue {
  return { listFor, find };

  async function find(caller: Caller, name: string): Promise<ModelShown> {
    const { data } = await listFor(caller);
    const found = data.find(({ id }) => id === name);
    if (found) return found;
    // A model may be named without its provider.
    const meant = data.find(({ id }) => id.slice(id.indexOf("/") + 1) === name);
    if (meant) return { ...meant, id: name };
    throw new CallError(404, "model_not_found", `There is no model ${name}.`, { hint: "GET /v1/models lists them." });
  }

  async function listFor(caller: Caller) {
    const routes = [...gateway.planner.routes(caller).keys()].map((name) => shown(name, "devflow", null, null));
    const models = await Promise.all(gateway.planner.providers(caller).map((provider) => modelsOf(provider, caller)));
    const all = [...routes, ...models.flat()];
    const { models: allowed } = caller;
    const may = ({ id }: { id: string }) =>
      allowed.length === 0 || allowed.includes(id) || allowed.includes(`${id.split("/", 1)[0]}/*`);
    return { object: "list" as const, data: all.filter(may) };
  }

  async function modelsOf(provider: Provider, caller: Caller) {
    if (provider === localProvider)
      return gateway.embedder?.ready ? [shown(localEmbedding, "local", localModel.context, free)] : [];
    // None of them could answer.
    if (caller.settings.keyless.has(provider.name)) return [];
    const names =
      provider.kind === "openai-compatible"
        ? await gateway.lists.of(provider, caller)
        : listed.filter(({ kind }) => kind === provider.kind).map(({ model }) => model);
    return names.map((model) => {
      const price = priceOf({ provider, model }, caller.settings.prices);
      const perMillion = price ? { input: price.input / 1000, output: price.output / 1000 } : null;
      return shown(
        `${provider.name}/${model}`,
        provider.name,
        findListed(provider.kind, model)?.context ?? null,
        perMillion,
      );
    });
  }
}

const free = { input: 0, output: 0 };

function shown(id: string, owner: string, context: number | null, price: { input: number; output: number } | null) {
  return { id, object: "model" as const, created: 0, owned_by: owner, context_window: context, price };
}
