import type { FastifyInstance } from "fastify";

const known = new WeakMap<object, string[]>();

/** Every scope that a described route asks for. */
export function declaredScopes(app: FastifyInstance): readonly string[] {
  // The description belongs to the whole app, whichever scope of it a request was routed to.
  const paths = (app.swagger() as { paths?: object }).paths ?? {};
  const before = known.get(paths);
  if (before) return before;
  const operations = Object.values(paths).flatMap((path) => Object.values(path as Record<string, Operation>));
  const scopes = operations.flatMap(({ security = [] }) => security.flatMap(({ key = [] }) => key));
  const found = [...new Set(scopes)];
  known.set(paths, found);
  return found;
}

interface Operation {
  security?: { key?: string[] }[];
}
