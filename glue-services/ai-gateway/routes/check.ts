import { Type } from "typebox";
import { ApiError, type App } from "../../kit/index.ts";
import type { Gateway } from "../call/context.ts";
import { checkProvider } from "../providers/check.ts";
import { healthStates } from "../providers/health.ts";
import { providerFrom } from "../providers/provider.ts";
import { localProvider } from "../routing/plan.ts";
import { ProviderGiven } from "../schemas.ts";
import { CallError } from "../wire/call-error.ts";
import { demandSafe } from "./routing.ts";

const tags = ["ai"];
const auth = { scope: "ai:manage" } as const;
/** Asking costs the provider something; a person who tries keys needs no more. */
const config = { rateLimit: { max: 30, timeWindow: 60_000 } };
const Checked = Type.Object({
  state: Type.Enum([...healthStates]),
  said: Type.Union([Type.String({ description: "What the provider said." }), Type.Null()]),
  models: Type.Array(Type.String()),
});
const Trial = Type.Object({
  ...ProviderGiven.properties,
  value: Type.Optional(
    Type.String({ minLength: 1, maxLength: 10_000, description: "The key itself, to try; it is kept nowhere." }),
  ),
});

/** Tries a provider: before it is saved with a key as it was typed, and afterwards with the key it has. */
export function checkRoutes(app: App, gateway: Gateway): void {
  app.post(
    "/api/ai/providers/check",
    {
      auth,
      config,
      schema: { tags, summary: "Try a provider and a key, and keep neither", body: Trial, response: { 200: Checked } },
    },
    async ({ identity, body: { value, ...given } }, reply) => {
      const internal = identity.roles.includes("platform-administrator");
      demandSafe(given, internal);
      const provider = providerFrom(given, { organisation: identity.organisation, internal });
      const key = value === undefined && given.key !== undefined ? await stored() : value?.trim();
      if (key === null) return { state: "missing" as const, said: null, models: [] };
      // A header takes no more; what a paste brought with it is named before anybody is asked.
      if (key !== undefined && !/^[\x21-\x7e]+$/.test(key)) {
        throw new ApiError("INVALID", "The key has spaces or characters that no key has.", {
          hint: "Copy it again from the provider.",
        });
      }
      return reply.header("cache-control", "no-store").send(await checkProvider(gateway.pools, provider, key));

      function stored(): Promise<string | null | undefined> {
        return keyOf(gateway, provider, identity.organisation);
      }
    },
  );

  app.post(
    "/api/ai/providers/:name/check",
    {
      auth,
      config,
      schema: {
        tags,
        summary: "Ask a provider whether it takes its key",
        params: Type.Object({ name: ProviderGiven.properties.name }),
        response: { 200: Checked },
      },
    },
    async ({ identity, params: { name } }) => {
      const { organisation } = identity;
      const settings = await gateway.callers.settings.get(organisation);
      if (!settings) throw new Error("An organisation's settings are always an answer.");
      const provider = gateway.planner
        .providers({ organisation, settings })
        .find((one) => one.name === name && one !== localProvider);
      if (!provider) throw new ApiError("NOT_FOUND", `There is no provider ${name}.`);
      const key = await keyOf(gateway, provider, organisation);
      if (key === null) return { state: "missing" as const, said: null, models: [] };
      const checked = await checkProvider(gateway.pools, provider, key);
      gateway.health.note(provider, organisation, checked);
      if (checked.state === "answers") {
        const text = "update provider set answered_at = now() where name = $1";
        await app.database.query(identity, { text, values: [name] });
      }
      return checked;
    },
  );
}

/** Null when nobody set it. @throws ApiError when it cannot be read for another reason */
async function keyOf(gateway: Gateway, provider: Parameters<Gateway["keys"]["of"]>[0], organisation: string) {
  try {
    return await gateway.keys.of(provider, { organisation, project: undefined });
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    if (error.message.startsWith("Key missing")) return null;
    throw new ApiError("UNAVAILABLE", error.message, { hint: error.hint, cause: error });
  }
}
