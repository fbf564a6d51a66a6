import { isAzure, isOldAzure } from "../providers/provider.ts";
import type { Candidate } from "../routing/plan.ts";
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
