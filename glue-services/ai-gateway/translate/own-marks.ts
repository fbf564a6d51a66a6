import type { Body } from "../wire/shape.ts";
import { carriesSignature, mayCarrySignature } from "./google-signature.ts";
import { ownReasoning, unsigned } from "./reasoning.ts";

/**
 * A body without the reasoning that the gateway wrote for another provider's answers: a provider that speaks the
 * client's API takes back only its own. The same object when it has none.
 */
export function withoutOwnReasoning(body: Body, raw: Buffer): Body {
  if (raw.includes(unsigned) || mayCarrySignature(raw)) return { ...body, messages: cleaned(body.messages) };
  if (!raw.includes(`"${ownReasoning}`) || !Array.isArray(body.input)) return body;
  const isOwn = (item: { id?: unknown } | null) => typeof item?.id === "string" && item.id.startsWith(ownReasoning);
  return { ...body, input: body.input.filter((item) => !isOwn(item)) };
}

function cleaned(messages: unknown): unknown {
  if (!Array.isArray(messages)) return messages;
  return messages.flatMap((message: { content?: unknown } | null) => {
    if (!Array.isArray(message?.content)) return [message];
    const content = message.content.filter(
      (block: { signature?: unknown; data?: unknown } | null) =>
        block?.signature !== unsigned && !carriesSignature(block?.data),
    );
    return content.length > 0 ? [{ ...message, content }] : [];
  });
}
