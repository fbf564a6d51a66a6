import { CallError } from "./call-error.ts";

/** Tokens of OpenAI's encoding cl100k, which its embeddings have. */
const most = 100_276;

/**
 * The texts of an embeddings request, where tokens stand in their place: LangChain's client and others send OpenAI's own,
 * cl100k. The same list when there are none.
 *
 * @throws CallError for what is no token
 */
export async function textsOfTokens(input: unknown): Promise<unknown> {
  if (!Array.isArray(input) || input.length === 0) return input;
  const alone = typeof input[0] === "number";
  if (!alone && !input.some(Array.isArray)) return input;
  const { decode } = await import("gpt-tokenizer/encoding/cl100k_base");
  const texts = (alone ? [input] : input).map((one: unknown) => (Array.isArray(one) ? decode(tokensOf(one)) : one));
  return texts;
}

function tokensOf(list: readonly unknown[]): number[] {
  if (list.every((one): one is number => Number.isInteger(one) && (one as number) >= 0 && (one as number) <= most)) {
    return [...list];
  }
  throw new CallError(400, "invalid_request", `input has tokens that are none of cl100k: 0 to ${most}.`, {
    param: "input",
  });
}
