import type { FastifyInstance } from "fastify";
import { type App, toolsOf } from "../kit/index.ts";

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

interface Operation {
  security?: { key?: string[] }[];
}
