import type { FastifyInstance } from "fastify";
import { ApiError, type App, toolsOf } from "../kit/index.ts";
import { allows } from "./permissions.ts";

const known = new WeakMap<object, string[]>();

/** Every scope that a described route or a tool for agents asks for. */
export function declaredScopes(app: FastifyInstance): readonly string[] {
  // The description belongs to the whole app, whichever scope of it a request was routed to.
  const paths = (app.swagger() as { paths?: object }).paths ?? {};
  const before = known.get(paths);
  if (before) return before;
  const operations = Object.values(paths).flatMap((path) => Object.values(path as Record<string, Operation>));
  const scopes = operations.flatMap(({ security = [] }) => security.flatMap(({ key = [] }) => key));
  const found = [...new Set([...scopes, ...toolsOf(app as App).map(({ tool }) => tool.scope)])];
  known.set(paths, found);
  return found;
}

/** Asked for inside of a route, beside the scope that the route declares. */
const inside = ["keys:manage"];

/** Every scope that means something on this host. */
export function knownScopes(app: FastifyInstance): string[] {
  return [...new Set([...declaredScopes(app), ...inside])];
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

interface Operation {
  security?: { key?: string[] }[];
}
