import { isAzure, isOldAzure } from "../providers/provider.ts";
import type { Candidate } from "../routing/plan.ts";
import { learn } from "../translate/habits.ts";
import { translated } from "../translate/translate.ts";
import { passThrough } from "./pass.ts";
import type { Asked, Shape } from "./shape.ts";

/** How a provider is asked for what a client wants: passed through where it speaks the client's API, else translated. */
export function shapeOf(asked: Asked, candidate: Candidate): Shape {
  const { kind, base } = candidate.provider;
  const { surface } = asked;
  if (kind === "anthropic" && surface === "messages") {
    const shape = passThrough(asked, candidate);
    return { ...shape, headers: { ...shape.headers, "anthropic-version": "2023-06-01" } };
  }
  if (kind === "anthropic" || kind === "bedrock" || surface === "messages") return translated(asked, candidate);
  // Few servers but OpenAI's own have its newer API.
  const hasResponses = (kind === "openai" || isAzure(base)) && !isOldAzure(base);
  if (surface === "responses" && !hasResponses) return translated(asked, candidate);
  return passThrough(asked, candidate);
}

/**
 * The request in another spelling, after a refusal that its client cannot mend: a server wants a parameter by its other
 * name. Remembered for the model. Undefined when there is none.
 */
export function respelled(
  asked: Asked,
  candidate: Candidate,
  { body }: Shape,
  refusal: { status: number; body: Buffer },
): Shape | undefined {
  if ((refusal.status !== 400 && refusal.status !== 422) || asked.form) return undefined;
  const sent = body.toString();
  if (!learn(candidate, sent, refusal.body)) return undefined;
  const other = shapeOf(asked, candidate);
  return other.body.toString() === sent ? undefined : other;
}
