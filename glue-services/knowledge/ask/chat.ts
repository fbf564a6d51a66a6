import { aiGatewayOf } from "../../ai-gateway/contract.ts";
import { ApiError, type App, type Tenant } from "../../kit/index.ts";

/** Asks a model through the AI gateway, on the organisation's account. @throws ApiError UNAVAILABLE, with what to do */
export async function chat(
  app: App,
  { organisation, person }: Tenant,
  { model, system, user, most }: { model: string; system: string; user: string; most: number },
  signal?: AbortSignal,
): Promise<string> {
  signal?.throwIfAborted();
  const { client, APIError } = await aiGatewayOf(app).openai({ organisation, person, service: "knowledge" });
  try {
    const answer = await client.chat.completions.create(
      {
        model,
        messages: [
          { role: "system", content: system },
          { role: "user", content: user },
        ],
        max_tokens: most,
        temperature: 0,
      },
      { signal },
    );
    return answer.choices[0]?.message.content?.trim() ?? "";
  } catch (error) {
    // Whoever stopped waiting is told their own reason.
    signal?.throwIfAborted();
    throw error instanceof APIError ? unavailable(model, error) : error;
  }
}

interface Refusal {
  status: number | undefined;
  code: string | null | undefined;
  message: string;
  error: unknown;
}

function unavailable(model: string, { status, code, message, error }: Refusal): ApiError {
  const said = words(error) ?? message;
  if (status === 404 || (status === 400 && /model/i.test(said))) {
    return new ApiError("UNAVAILABLE", `No model answers as ${model} yet.`, {
      hint: `Add a provider on the page Models, and there a route named ${model} to one of its models. Search works without.`,
      docs: "knowledge",
    });
  }
  if (code === "provider_key_missing" || code === "provider_refused_key") {
    // No moment's patience helps; the gateway's own words say whose key it is.
    return new ApiError("UNAVAILABLE", said, { hint: "Until then search works without a model.", docs: "ai-gateway" });
  }
  return new ApiError("UNAVAILABLE", `The model ${model} did not answer: ${said}`, { docs: "knowledge" });
}

/** The gateway's own words; the client's message has the status before them. */
function words(error: unknown): string | undefined {
  const known = typeof error === "object" && error !== null && "message" in error ? error.message : undefined;
  return typeof known === "string" ? known : undefined;
}
