import type { FastifyRequest } from "fastify";
import { organisationGiven } from "../kit/index.ts";
import type { Presented } from "./contract.ts";

/** What the request of this host presents; scopes count that a route or tool of it asks for. */
export function presentedBy(request: FastifyRequest): Presented {
  const { authorization, cookie } = request.headers;
  const declared = listOf(request.server.scopes.asked);
  if (authorization !== undefined)
    return { authorization, audience: request.routeOptions.config.audience?.(request), declared };
  return { cookie, organisation: organisationGiven(request), declared };
}

const lists = new WeakMap<ReadonlySet<string>, readonly string[]>();

/** One and the same list as long as nothing more is asked for: what is known of it is known by itself. */
function listOf(asked: ReadonlySet<string>): readonly string[] {
  const known = lists.get(asked);
  const list = known?.length === asked.size ? known : [...asked];
  lists.set(asked, list);
  return list;
}
