import type { Place } from "../stack.ts";
import { connect } from "../supervisor/client.ts";
import { addressesOf } from "./addresses.ts";
import { history } from "./follow.ts";
import { isAlive, listRuns, readOutcome, readRequest } from "./run.ts";
import { type StackStatus, statusOf } from "./status.ts";

/** How a stack is now. Reads only; works without settings, state or supervisor. */
export async function lookAt({ name, paths }: Pick<Place, "name" | "paths">): Promise<StackStatus> {
  const [client, [last]] = await Promise.all([connect(paths), listRuns(paths)]);
  const processes = (await client?.list().catch(() => [])) ?? [];
  const request = last && (await readRequest(last));
  if (!last || !request) return statusOf({ stack: name, processes, addresses: {}, run: undefined });
  const [events, live] = await Promise.all([history(last), isAlive(last)]);
  // Looked for last: a run that ended meanwhile is not one that died.
  const outcome = await readOutcome(last);
  const run = { request, events, outcome, live: live && outcome === undefined };
  return statusOf({ stack: name, processes, addresses: addressesOf(request.steps), run });
}
