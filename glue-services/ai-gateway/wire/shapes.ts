import type { Candidate } from "../routing/plan.ts";
import { CallError } from "./call-error.ts";
import { passThrough } from "./pass.ts";
import type { Asked, Shape } from "./shape.ts";

/** How a provider is asked for what a client wants: passed through where it speaks the client's API, else translated. */
export function shapeOf(asked: Asked, candidate: Candidate): Shape {
  if (asked.surface === "messages" || asked.surface === "responses") {
    throw new CallError(501, "not_supported", `${candidate.id} cannot be asked by this API.`);
  }
  return passThrough(asked, candidate);
}
