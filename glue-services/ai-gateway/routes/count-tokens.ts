import type { FastifyReply } from "fastify";
import { Type } from "typebox";
import { readJson } from "../../kit/index.ts";
import { askWhole } from "../call/attempt.ts";
import type { Gateway } from "../call/context.ts";
import { outgoingOf } from "../call/outgoing.ts";
import type { Caller } from "../callers.ts";
import type { Candidate, Plan } from "../routing/plan.ts";
import { withoutOwnReasoning } from "../translate/own-marks.ts";
import { anthropicHeaders } from "../wire/anthropic.ts";
import { CallError } from "../wire/call-error.ts";
import { countTokens } from "../wire/count.ts";
import { errorOf } from "../wire/error-text.ts";
import type { Asked, Shape } from "../wire/shape.ts";

export const countPath = "/v1/messages/count_tokens";

/** Answers how many tokens a message has: Anthropic's own count where it answers the model, else one made here. */
export async function answerCount(gateway: Gateway, caller: Caller, asked: Asked, plan: Plan, reply: FastifyReply) {
  const candidate = plan.candidates[0] as Candidate;
  const counted =
    candidate.provider.kind === "anthropic"
      ? await countedBy(gateway, caller, asked, plan, candidate, reply)
      : undefined;
  return counted === undefined
    ? { by: "gateway", input_tokens: await countTokens(asked.body) }
    : { by: candidate.provider.name, input_tokens: counted };
}

/** Undefined when the provider cannot say. @throws CallError for what the provider finds wrong with the request */
async function countedBy(
  gateway: Gateway,
  caller: Caller,
  asked: Asked,
  { options }: Plan,
  { provider, model }: Candidate,
  reply: FastifyReply,
): Promise<number | undefined> {
  const shape: Shape = {
    path: "/messages/count_tokens",
    body: JSON.stringify({ ...withoutOwnReasoning(asked.body, asked.raw), model }),
    headers: { "content-type": "application/json", ...anthropicHeaders(asked) },
    whole: (body) => ({ body, tokens: undefined }),
    flow: () => {
      throw new Error("A count is no stream.");
    },
  };
  const key = await Promise.resolve(gateway.keys.of(provider, caller)).catch(() => null);
  if (key === null) return undefined;
  const outgoing = await outgoingOf(provider, shape, model, key);
  const attempt = await askWhole(gateway.pools.of(provider), outgoing, options, shape, reply.raw);
  if (attempt.is === "refused" && (attempt.status === 400 || attempt.status === 422)) {
    throw new CallError(attempt.status, "invalid_request", errorOf(attempt.body).message ?? "The request is wrong.");
  }
  if (attempt.is !== "answered") return undefined;
  return readJson(Counted, attempt.whole.body.toString())?.input_tokens;
}

const Counted = Type.Object({ input_tokens: Type.Integer({ minimum: 0 }) });
