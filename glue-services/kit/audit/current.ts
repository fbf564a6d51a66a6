import { AsyncLocalStorage } from "node:async_hooks";
import type { FastifyInstance, FastifyRequest } from "fastify";

const current = new AsyncLocalStorage<FastifyRequest>();

/** The request that is being answered; undefined in a job, a subscription or at the start. */
export function currentRequest(): FastifyRequest | undefined {
  return current.getStore();
}

/** What a handler calls knows the request. After the body was read, which takes place outside of it. */
export function followRequests(app: FastifyInstance): void {
  // In the style with a callback: the handler runs inside of `done`.
  app.addHook("preHandler", (request, _reply, done) => current.run(request, done));
}
