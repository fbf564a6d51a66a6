import { type OpenSpan, openSpan } from "../../kit/index.ts";
import type { Attempt } from "../call/attempt.ts";
import type { Candidate } from "../routing/plan.ts";
import type { Asked, Surface } from "../wire/shape.ts";

/** OpenTelemetry's names (semantic conventions of generative AI). */
const operations: Record<Surface, string> = {
  chat: "chat",
  responses: "chat",
  messages: "chat",
  completions: "text_completion",
  embeddings: "embeddings",
  moderations: "moderation",
  images: "generate_content",
  audio: "generate_content",
};
const systems: Record<string, string> = {
  openai: "openai",
  anthropic: "anthropic",
  google: "gcp.gemini",
  bedrock: "aws.bedrock",
};

/** A span of one attempt at a provider. No text of a question or an answer is ever part of it. */
export function beginSpan({ body, surface, stream }: Asked, { provider, model }: Candidate): OpenSpan | undefined {
  return openSpan(
    () => `${operations[surface]} ${model}`,
    () => ({
      "gen_ai.operation.name": operations[surface],
      "gen_ai.provider.name": systems[provider.kind] ?? provider.name,
      "gen_ai.request.model": model,
      "gen_ai.request.max_tokens": numberOf(body.max_completion_tokens ?? body.max_tokens ?? body.max_output_tokens),
      "gen_ai.request.temperature": numberOf(body.temperature),
      "gen_ai.request.top_p": numberOf(body.top_p),
      "gen_ai.output.type": surface === "embeddings" ? undefined : "text",
      "server.address": provider.base.hostname,
      "server.port": Number(provider.base.port) || (provider.base.protocol === "https:" ? 443 : 80),
      "devflow.ai.asked": body.model,
      "devflow.ai.streamed": stream,
    }),
  );
}

export function endSpan(span: OpenSpan | undefined, attempt: Attempt): void {
  if (!span) return;
  const tokens =
    attempt.is === "answered" ? attempt.whole.tokens : "flow" in attempt ? attempt.flow?.tokens : undefined;
  span.set({
    "gen_ai.usage.input_tokens": tokens?.input,
    "gen_ai.usage.output_tokens": tokens?.output,
    "gen_ai.usage.cache_read.input_tokens": tokens?.cached || undefined,
    "gen_ai.usage.cache_creation.input_tokens": tokens?.written || undefined,
    "devflow.ai.first_ms":
      "firstMs" in attempt && attempt.firstMs !== undefined ? Math.round(attempt.firstMs) : undefined,
  });
  span.end(errorOf(attempt));
}

function errorOf(attempt: Attempt): string | undefined {
  if (attempt.is === "answered" || attempt.is === "streamed") return undefined;
  if (attempt.is === "refused") return String(attempt.status);
  if (attempt.is === "cancelled") return "cancelled";
  return "reason" in attempt.error ? String(attempt.error.reason) : attempt.error.name;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
