import type { FastifyRequest } from "fastify";
import type { App, Identity } from "../../kit/index.ts";

/** Who speaks to the gateway. */
export interface Caller extends Identity {
  /** Stable across requests and sessions: sessions, children and remembered answers of one never reach another. */
  id: string;
}

/** Scope that speaking to any server needs. */
export const useScope = "mcp:use";

/** @throws ApiError UNAUTHENTICATED, FORBIDDEN, RATE_LIMITED */
export async function callerOf(app: App, request: FastifyRequest): Promise<Caller> {
  return asCaller(await app.authenticate(request, { scope: useScope }));
}

export function asCaller(identity: Identity): Caller {
  const { organisation, person, credential } = identity;
  return { ...identity, id: `${organisation} ${person ? `person ${person}` : `key ${credential}`}` };
}
