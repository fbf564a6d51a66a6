import { Problem } from "./api/call.ts";
import { type Me, meQuery } from "./api/session.ts";
import { actFor, addressOf, lastInTab, slugIn } from "./organisation.ts";
import { client } from "./query-client.ts";
import { takeWayBack } from "./shell/way-back.ts";

/**
 * Finds the organisation that this page is about, before anything is shown: the address's own, else the one that this
 * tab was in, else the session's. An address without one goes over to the one that has it.
 */
export async function arrive(): Promise<void> {
  const wanted = window.location.pathname === "/" ? takeWayBack() : undefined;
  if (wanted !== undefined) history.replaceState(null, "", wanted);
  const given = slugIn(window.location.pathname);
  if (given !== undefined) return actFor(given);
  actFor(lastInTab());
  let me = await meNow();
  if (me === "elsewhere") {
    actFor(undefined);
    me = await meNow();
  }
  if (me === "elsewhere" || !me) return actFor(undefined);
  settle(me);
}

/** Takes over the session's organisation, for a page that has none in its address; false when there is none. */
export function settle({ organisation, organisations }: Me): boolean {
  const slug = organisations.find(({ id }) => id === organisation)?.slug;
  actFor(slug);
  const { pathname, search, hash } = window.location;
  history.replaceState(history.state, "", addressOf(pathname, slug) + search + hash);
  return slug !== undefined;
}

/** Undefined where the platform does not say. */
async function meNow(): Promise<Me | null | "elsewhere" | undefined> {
  try {
    return await client.fetchQuery({ ...meQuery, retry: false });
  } catch (error) {
    return error instanceof Problem && error.code === "NOT_A_MEMBER" ? "elsewhere" : undefined;
  }
}
