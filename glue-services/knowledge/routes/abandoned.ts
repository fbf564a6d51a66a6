import type { FastifyReply } from "fastify";

/**
 * Aborts when nobody waits for the answer any more. A request's own signal aborts as soon as its body was read, which is
 * no reason to stop.
 */
export function abandoned(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once("close", () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  return controller.signal;
}
