import type { FastifyRequest } from "fastify";
import { useScope } from "../../identity/contract.ts";
import type { App, Identity } from "../../kit/index.ts";

/** Who speaks to the gateway. */
export interface Caller extends Identity {
  /** Stable across requests and sessions: sessions, children and remembered answers of one never reach another. */
  id: string;
}

/** @throws ApiError UNAUTHENTICATED, FORBIDDEN, RATE_LIMITED */
export async function callerOf(app: App, request: FastifyRequest): Promise<Caller> {
  return asCaller(await app.authenticate(request, { scope: useScope }));
}

/** What the id of a caller ends with that is no program of theirs but the page where tools are tried. */
export const inDashboard = " in the dashboard";

export function asCaller(identity: Identity): Caller {
  const { organisation, person, credential, client } = identity;
  // What a program may see and ask for a person is not what they may themselves.
  const who = client ? `person ${person} with ${client}` : person ? `person ${person}` : `key ${credential}`;
  return { ...identity, id: `${organisation} ${who}` };
}

/** Whose share of what all callers have in common a caller uses: a person's with all their agents, or a key's. */
export function holderOf({ organisation, person, credential }: Caller): string {
  return `${organisation} ${person ? `person ${person}` : `key ${credential}`}`;
}
