import type { FastifyRequest } from "fastify";
import { type App, organisationGiven } from "../kit/index.ts";
import type { Presented } from "./contract.ts";

/**
 * What the request of this host presents. Scopes count that a route or tool of it asks for, and where there are other
 * hosts all that are declared: what they offer is shown here too.
 */
export function presentedBy(request: FastifyRequest): Presented {
  const { authorization, cookie } = request.headers;
  const declared = scopesOf(request.server);
  if (authorization !== undefined)
    return { authorization, audience: request.routeOptions.config.audience?.(request), declared };
  return { cookie, organisation: organisationGiven(request), declared };
}

const lists = new WeakMap<object, readonly string[]>();

/** One and the same list as long as nothing more is asked for: what is known of it is known by itself. */
function scopesOf({ scopes: { asked, declared }, peers }: Pick<App, "scopes" | "peers">): readonly string[] {
  const known = lists.get(asked);
  const all = peers.origins.length > 0 ? new Set([...asked, ...declared.map(({ name }) => name)]) : asked;
  const list = known?.length === all.size ? known : [...all];
  lists.set(asked, list);
  return list;
}
