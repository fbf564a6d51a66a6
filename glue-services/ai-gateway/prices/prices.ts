import { readFileSync } from "node:fs";
import { type Static, Type } from "typebox";
import { Value } from "typebox/value";
import { type ProviderKind, providerKinds } from "../schemas.ts";
import type { OwnPrice } from "../settings.ts";
import type { Tokens } from "../usage/usage.ts";

/** What a token costs from a day on, in nano-dollars. `cached`: a token of the question that the provider had already. */
export interface Price {
  input: number;
  output: number;
  cached: number;
}

/** What is known of a model by its makers' lists. */
const Listed = Type.Object({
  kind: Type.Enum([...providerKinds]),
  model: Type.String(),
  /** Tokens of question and answer together, and of an answer at most. */
  context: Type.Integer(),
  output: Type.Integer(),
  /** The latest first. */
  prices: Type.Array(
    Type.Object({
      since: Type.String({ pattern: "^\\d{4}-\\d{2}-\\d{2}$" }),
      input: Type.Number(),
      output: Type.Number(),
      cached: Type.Optional(Type.Number()),
    }),
    { minItems: 1 },
  ),
});
export type Listed = Static<typeof Listed>;

/** The list as it stands in the repository; an organisation's own prices go before it. */
export const listed: readonly Listed[] = Value.Parse(
  Type.Array(Listed),
  JSON.parse(readFileSync(new URL("list.json", import.meta.url), "utf8")),
);

const byModel = new Map(listed.map((one) => [`${one.kind} ${one.model}`, one]));

/** A model of the list, also under a dated name such as `gpt-4o-2024-08-06`. */
export function findListed(kind: ProviderKind, model: string): Listed | undefined {
  return (
    byModel.get(`${kind} ${model}`) ??
    byModel.get(`${kind} ${model.replace(/-(\d{8}|\d{4}-\d{2}-\d{2}|latest)$/, "")}`) ??
    // Bedrock's inference profiles put a region before the name.
    (kind === "bedrock" ? byModel.get(`bedrock ${model.replace(/^(us|eu|apac|global|us-gov)\./, "")}`) : undefined)
  );
}

/** The kind of provider whose own model has this name, for those who leave the provider out. */
export function kindOf(model: string): ProviderKind | undefined {
  const known = listed.find((one) => one.model === model)?.kind;
  if (known) return known;
  if (/^(gpt-|o\d|chatgpt-|text-embedding-|whisper-|tts-|dall-e|gpt-image)/.test(model)) return "openai";
  if (model.startsWith("claude-")) return "anthropic";
  return model.startsWith("gemini-") ? "google" : undefined;
}

/** Undefined: nobody knows. That is never taken for nothing. */
export function priceOf(
  target: { provider: { name: string; kind: ProviderKind; free: boolean }; model: string },
  own: readonly OwnPrice[],
  day = new Date().toISOString().slice(0, 10),
): Price | undefined {
  const { provider, model } = target;
  const name = `${provider.name}/${model}`;
  const set = own.find((price) => price.since <= day && (price.model === name || price.model === model));
  if (set) return { input: set.input, output: set.output, cached: set.cached ?? set.input };
  if (provider.free) return { input: 0, output: 0, cached: 0 };
  const entry = findListed(provider.kind, model)?.prices.find(({ since }) => since <= day);
  return entry && { input: entry.input, output: entry.output, cached: entry.cached ?? entry.input };
}

/** What a token costs that is written into a provider's cache, as a multiple of one that is read. Anthropic's, and Bedrock's for Claude. */
const writing = { minutes: 1.25, hour: 2 };

/** Nano-dollars, rounded up: what is small is not nothing. */
export function costOf(price: Price, tokens: Tokens): number {
  const { input, cached, output, written = 0, writtenHour = 0 } = tokens;
  const read = Math.max(0, input - cached - written) + (written - writtenHour) * writing.minutes;
  const cost = (read + writtenHour * writing.hour) * price.input + cached * price.cached + output * price.output;
  return Math.min(Math.ceil(cost), Number.MAX_SAFE_INTEGER);
}
