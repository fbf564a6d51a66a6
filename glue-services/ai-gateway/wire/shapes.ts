import { isAzure, isOldAzure } from "../providers/base.ts";
import type { Candidate } from "../routing/plan.ts";
import { forgetResponses, habitsOf, learn, learnResponses } from "../translate/habits.ts";
import { translated } from "../translate/translate.ts";
import { anthropicHeaders } from "./anthropic.ts";
import { passThrough } from "./pass.ts";
import type { Asked, Shape } from "./shape.ts";

/** How a provider is asked for what a client wants: passed through where it speaks the client's API, else translated. */
export function shapeOf(asked: Asked, candidate: Candidate): Shape {
  const { kind, base } = candidate.provider;
  const { surface } = asked;
  if (kind === "anthropic" && surface === "messages") {
    const shape = passThrough(asked, candidate);
    return { ...shape, headers: { ...shape.headers, ...anthropicHeaders(asked) } };
  }
  if (kind === "anthropic" || kind === "bedrock" || surface === "messages") return translated(asked, candidate);
  // Few servers but OpenAI's own have its newer API.
  const hasResponses = (kind === "openai" || isAzure(base)) && !isOldAzure(base);
  const onlyResponses = habitsOf(candidate).has("responses only");
  if (surface === "responses" && !hasResponses && !onlyResponses) return translated(asked, candidate);
  if (surface === "chat" && onlyResponses) return translated(asked, candidate);
  return passThrough(asked, candidate);
}

/**
 * The request in another spelling, after a refusal that its client cannot mend: a server wants a parameter by its other
 * name, or has only the newer of OpenAI's APIs. Remembered for the model. Undefined when there is none.
 */
export function respelled(
  asked: Asked,
  candidate: Candidate,
  { path, body }: Shape,
  refusal: { status: number; body: Buffer },
): Shape | undefined {
  if (asked.form) return undefined;
  const newer = path === "/chat/completions" ? learnResponses(candidate, refusal) : undefined;
  if (newer === "said") return shapeOf(asked, candidate);
  if (newer === "guessed") return ifPossible(asked, candidate);
  if (refusal.status !== 400 && refusal.status !== 422) return undefined;
  const sent = body.toString();
  if (!learn(candidate, sent, refusal.body)) return undefined;
  const other = shapeOf(asked, candidate);
  return other.body.toString() === sent ? undefined : other;
}

/** For a guess nothing is refused that the server itself did not refuse. */
function ifPossible(asked: Asked, candidate: Candidate): Shape | undefined {
  try {
    return shapeOf(asked, candidate);
  } catch {
    forgetResponses(candidate);
    return undefined;
  }
}

/** What came of the request in its other spelling. @returns whether what the server said first is to be believed instead */
export function disproved(candidate: Candidate, { path }: Shape, attempt: { is: string; status?: number }): boolean {
  if (path !== "/responses" || attempt.is !== "refused" || ![404, 405, 501].includes(attempt.status ?? 0)) return false;
  forgetResponses(candidate);
  return true;
}
