import { AsyncLocalStorage } from "node:async_hooks";
import type { FastifyInstance } from "fastify";
import type { Identity } from "../authentication.ts";

/** What began the work: a request of a client, here or at another host that called one of this one's services. */
export interface Origin {
  /** The client's address. */
  ip: string;
  /** Id of the request. */
  id: string;
  knownIdentity: Pick<Identity, "credential" | "client"> | undefined;
  /** App that does the work. */
  server: FastifyInstance;
}

const current = new AsyncLocalStorage<Origin | undefined>();

/** What the work that is being done began with; undefined in a job, a subscription or at the start. */
export function currentOrigin(): Origin | undefined {
  return current.getStore();
}

/** What `work` calls knows this origin, or that there is none. */
export function from<Result>(origin: Origin | undefined, work: () => Result): Result {
  return current.run(origin, work);
}

/** What a handler calls knows the request. After the body was read, which takes place outside of it. */
export function followRequests(app: FastifyInstance): void {
  // In the style with a callback: the handler runs inside of `done`.
  app.addHook("preHandler", (request, _reply, done) => current.run(request, done));
}
