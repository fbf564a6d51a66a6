import { ApiError, type App, type Tenant } from "../../kit/index.ts";
import { messageOf } from "../embed/embeddings.ts";
import { askGateway } from "../gateway.ts";

/** Asks a model through the AI gateway, on the organisation's account. @throws ApiError UNAVAILABLE, with what to do */
export async function chat(
  app: App,
  { organisation, person }: Tenant,
  { model, system, user, most }: { model: string; system: string; user: string; most: number },
  signal?: AbortSignal,
): Promise<string> {
  const messages = [
    { role: "system", content: system },
    { role: "user", content: user },
  ];
  const body = { model, messages, max_tokens: most, temperature: 0 };
  const { status, text } = await askGateway(app, { organisation, person }, "/v1/chat/completions", body, signal);
  if (status === 404 || (status === 400 && /model/i.test(messageOf(text) ?? ""))) {
    throw new ApiError("UNAVAILABLE", `No model answers as ${model} yet.`, {
      hint: "Add a provider of language models on the page AI gateway, or under models.providers in devflow.yaml. Search works without one.",
      docs: "knowledge",
    });
  }
  const { code, message } = errorOf(text);
  if (status !== 200 && (code === "provider_key_missing" || code === "provider_refused_key")) {
    // No moment's patience helps; the gateway's own words say whose key it is.
    throw new ApiError("UNAVAILABLE", message ?? "The provider's key is missing.", {
      hint: "Until then search works without a model.",
      docs: "ai-gateway",
    });
  }
  if (status !== 200) {
    throw new ApiError("UNAVAILABLE", `The model ${model} did not answer: ${messageOf(text) ?? status}`, {
      docs: "knowledge",
    });
  }
  const said = (JSON.parse(text) as { choices?: { message?: { content?: string | null } }[] }).choices?.[0]?.message
    ?.content;
  return said?.trim() ?? "";
}

function errorOf(text: string): { code?: string | undefined; message?: string | undefined } {
  try {
    return (JSON.parse(text) as { error?: { code?: string; message?: string } }).error ?? {};
  } catch {
    return {};
  }
}
