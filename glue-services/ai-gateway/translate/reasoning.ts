import type { Part, Reasoning } from "./model.ts";

/** Stands where Anthropic's clients want a signature of reasoning that nobody signed. */
export const unsigned = "devflow-unsigned";

/** Begins the ids of reasoning items that the gateway wrote, which OpenAI does not know. */
export const ownReasoning = "rs_df_";

/** The signature that a client gives back; undefined for what the gateway put in its place. */
export function signatureOf(given: unknown): string | undefined {
  return typeof given === "string" && given !== "" && given !== unsigned ? given : undefined;
}

/** Reasoning that its own maker can check, as `encrypted_content` of OpenAI's responses. */
export function sealed({ signature, redacted }: Omit<Reasoning, "is">): string | undefined {
  if (signature === undefined && redacted === undefined) return undefined;
  return `${seal}${Buffer.from(JSON.stringify({ signature, redacted })).toString("base64url")}`;
}

const seal = "dfr1.";

/** What `sealed` made; undefined for what another provider encrypted. */
export function unsealed(encrypted: unknown): Pick<Reasoning, "signature" | "redacted"> | undefined {
  if (typeof encrypted !== "string" || !encrypted.startsWith(seal)) return undefined;
  try {
    const { signature, redacted } = JSON.parse(
      Buffer.from(encrypted.slice(seal.length), "base64url").toString(),
    ) as Record<string, unknown>;
    return {
      signature: typeof signature === "string" ? signature : undefined,
      redacted: typeof redacted === "string" ? redacted : undefined,
    };
  } catch {
    return undefined;
  }
}

interface Detail {
  type?: unknown;
  text?: unknown;
  summary?: unknown;
  signature?: unknown;
  data?: unknown;
}

/** OpenRouter's `reasoning_details`, in which chat completions carry signatures. */
export function fromDetails(details: unknown): Reasoning[] {
  if (!Array.isArray(details)) return [];
  return details.flatMap((one: Detail | null): Reasoning[] => {
    const { type, text, summary, signature, data } = one ?? {};
    if (type === "reasoning.encrypted")
      return typeof data === "string" ? [{ is: "reasoning", text: "", redacted: data }] : [];
    const said = text ?? summary;
    const signed = signatureOf(signature);
    if (typeof said !== "string" && signed === undefined) return [];
    return [{ is: "reasoning", text: typeof said === "string" ? said : "", signature: signed }];
  });
}

export function toDetails(reasoning: readonly Reasoning[], from = 0): object[] {
  return reasoning.flatMap(({ text, signature, redacted }, at): object[] => {
    const index = from + at;
    if (redacted !== undefined) return [{ type: "reasoning.encrypted", data: redacted, index }];
    return signature === undefined ? [] : [{ type: "reasoning.text", text, signature, index }];
  });
}

/** A message's reasoning in the fields that servers of chat completions have for it. */
export function reasoningIn(message: Record<string, unknown>): Reasoning[] {
  const details = fromDetails(message.reasoning_details);
  if (details.some(({ text, redacted }) => text !== "" || redacted !== undefined)) return details;
  const text = [message.reasoning_content, message.reasoning, message.thinking].find(
    (one): one is string => typeof one === "string" && one !== "",
  );
  return text === undefined ? [] : [{ is: "reasoning", text, signature: details[0]?.signature }];
}

export function isReasoning(part: Part): part is Reasoning {
  return part.is === "reasoning";
}
