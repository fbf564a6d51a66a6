import type { Counts } from "./inputs.ts";
import type { Asked } from "./shape.ts";

/** Tokens of an answer that are reserved when a request does not say how long it may be. */
const usualAnswer = 1024;
const perImage = 1000;
const perFile = 1500;

/** How long a question is and an answer may be, before anybody has counted: in tokens, rather too many than too few. */
export function estimate(asked: Asked): { input: number; output: number } {
  const { body, surface, raw } = asked;
  if (asked.form) return { input: perFile, output: 0 };
  const input = raw.length < 16_384 ? Math.ceil(raw.length / 3.5) : Math.ceil(measure(body) / 3.5);
  if (surface !== "chat" && surface !== "responses" && surface !== "messages" && surface !== "completions") {
    return { input, output: 0 };
  }
  // inputs.ts lets nothing through that is no count.
  const { max_completion_tokens, max_tokens, max_output_tokens, n, best_of } = body as Counts;
  const each = max_completion_tokens ?? max_tokens ?? max_output_tokens ?? usualAnswer;
  return { input, output: each * Math.max(1, n ?? 1, best_of ?? 1) * prompts(asked) };
}

/** The older API answers each of several prompts; a list of numbers is one prompt of tokens. */
function prompts({ surface, body: { prompt } }: Asked): number {
  if (surface !== "completions" || !Array.isArray(prompt) || typeof prompt[0] === "number") return 1;
  return Math.max(1, prompt.length);
}

/** Characters of text; images, sound and files count as what they usually take. */
function measure(value: unknown): number {
  if (typeof value === "string") return value.startsWith("data:") || isData(value) ? perImage * 3.5 : value.length;
  if (Array.isArray(value)) return value.reduce<number>((sum, one) => sum + measure(one) + 2, 0);
  if (typeof value !== "object" || value === null) return 4;
  return Object.entries(value).reduce((sum, [key, one]) => sum + key.length + 4 + measure(one), 0);
}

function isData(text: string): boolean {
  return text.length > 4096 && /^[A-Za-z0-9+/=_-]+$/.test(text.slice(0, 4096));
}
