import { ask } from "../ask/ask.ts";
import type { Knowledge } from "../knowledge.ts";
import { Answered, Asked } from "../schemas.ts";
import { abandoned } from "./abandoned.ts";

/** Questions that a model answers from what is found. */
export function askRoutes(knowledge: Knowledge): void {
  knowledge.app.post(
    "/api/knowledge/ask",
    {
      auth: { scope: "knowledge:read" },
      // A model may think for longer than other handlers may take.
      config: { unhurried: true, rateLimit: { max: 60, timeWindow: 60_000 } },
      schema: {
        tags: ["knowledge"],
        summary: "Answer a question with citations, or say that nothing was found",
        body: Asked,
        response: { 200: Answered },
      },
    },
    ({ identity, body }, reply) =>
      ask(knowledge, identity, body, AbortSignal.any([abandoned(reply), AbortSignal.timeout(180_000)])),
  );
}
