import type { FastifyInstance } from "fastify";
import { ApiError } from "../kit/index.ts";
import { allows } from "./permissions.ts";

/** Asked for inside of a route, beside the scope that the route declares. */
const inside = ["keys:manage"];

/** Every scope that means something: on this host, and where there are others, to any service that is declared. */
export function knownScopes({ scopes, peers }: FastifyInstance): string[] {
  const elsewhere = peers.origins.length > 0 ? scopes.declared.map(({ name }) => name) : [];
  return [...new Set([...scopes.asked, ...elsewhere, ...inside])];
}

/**
 * Refuses what would allow nothing for ever: a scope that nothing asks for, or a pattern that no such scope is of.
 *
 * @throws ApiError INVALID that names them
 */
export function demandKnown(app: FastifyInstance, wanted: readonly string[]): void {
  const known = knownScopes(app);
  const unknown = wanted.filter((one) => !known.some((scope) => allows([one], scope)));
  if (unknown.length === 0) return;
  throw new ApiError("INVALID", `Nothing here asks for ${unknown.join(", ")}.`, {
    hint: "GET /api/identity/scopes lists the scopes there are.",
    docs: "people-and-roles",
  });
}
