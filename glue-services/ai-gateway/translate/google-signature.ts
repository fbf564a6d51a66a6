import { type Fields, isFields } from "./fields.ts";
import type { Part, Step } from "./model.ts";

/**
 * Gemini signs the first call of a turn and, from its third version on, refuses a history in which the signature is gone.
 * Other APIs have no field for it at a call, so it travels as reasoning that only its maker can read, before the call.
 */
const mark = "devflow-google:";

/** Google's word for calls that nobody signed: of other models, or through clients that drop what they do not know. */
const nobodys = "skip_thought_signature_validator";

/** The signatures among the tool calls of an answer, as steps before them. */
export function signatureSteps(calls: readonly unknown[]): Step[] {
  return calls.flatMap((call): Step[] => {
    const signature = signatureAt(call);
    return signature === undefined ? [] : [{ is: "redacted", data: `${mark}${signature}` }];
  });
}

/** The signature that a part of a client's history carries; undefined for all else. */
export function carriedSignature(part: Part): string | undefined {
  if (part.is !== "reasoning" || !part.redacted?.startsWith(mark)) return undefined;
  return part.redacted.slice(mark.length);
}

/** Whether a block of reasoning that a client sends is one of these, which no other provider reads. */
export function carriesSignature(data: unknown): boolean {
  return typeof data === "string" && data.startsWith(mark);
}

/** Whether a body may have one. */
export function mayCarrySignature(raw: Buffer): boolean {
  return raw.includes(mark);
}

/** What Google wants at a call of the history. @param signature undefined: nobody signed it */
export function signed(signature: string | undefined): object {
  return { extra_content: { google: { thought_signature: signature ?? nobodys } } };
}

/** Messages of a chat in which the first call of each turn has a signature. The same list when nothing is missing. */
export function withSignatures(messages: unknown): unknown {
  if (!Array.isArray(messages)) return messages;
  let changed = false;
  const whole = messages.map((message: unknown) => {
    const calls = isFields(message) ? message.tool_calls : undefined;
    if (!Array.isArray(calls) || calls.length === 0 || calls.some((call) => signatureAt(call) !== undefined))
      return message;
    changed = true;
    const [first, ...others] = calls as object[];
    return { ...(message as Fields), tool_calls: [{ ...first, ...signed(undefined) }, ...others] };
  });
  return changed ? whole : messages;
}

/** Whether a model of Google's refuses a history of unsigned calls. */
export function wantsSignatures({ provider, model }: { provider: { kind: string }; model: string }): boolean {
  return provider.kind === "google" && /gemini-(?:[3-9]|\d\d)/.test(model);
}

function signatureAt(call: unknown): string | undefined {
  const google = isFields(call) && isFields(call.extra_content) ? call.extra_content.google : undefined;
  const signature = isFields(google) ? google.thought_signature : undefined;
  return typeof signature === "string" && signature !== "" ? signature : undefined;
}
