import type { ProcessStatus } from "../../components/provider/process.ts";
import type { Place } from "../stack.ts";
import { connect } from "../supervisor/client.ts";
import { addressesOf } from "./addresses.ts";
import { history } from "./follow.ts";
import { isAlive, listRuns, readOutcome, readRequest } from "./run.ts";
import { type StackStatus, statusOf } from "./status.ts";
import { unitsOf } from "./units/index.ts";

/** How a stack is now. Reads only; works without state or supervisor. */
export async function lookAt(place: Pick<Place, "name" | "paths" | "workloads">): Promise<StackStatus> {
  const { name, paths } = place;
  const [processes, [last]] = await Promise.all([runningIn(place), listRuns(paths)]);
  const request = last && (await readRequest(last));
  if (!last || !request) return statusOf({ stack: name, processes, addresses: {}, run: undefined });
  const [events, live] = await Promise.all([history(last), isAlive(last)]);
  // Looked for last: a run that ended meanwhile is not one that died.
  const outcome = await readOutcome(last);
  const run = { request, events, outcome, live: live && outcome === undefined };
  return statusOf({ stack: name, processes, addresses: addressesOf(request.steps), run });
}

/**
 * What runs of it: processes of the supervisor, containers or pods.
 * @throws DevflowError when an engine of containers or a cluster does not answer
 */
async function runningIn({ paths, workloads }: Pick<Place, "paths" | "workloads">): Promise<ProcessStatus[]> {
  if (!workloads) return (await (await connect(paths))?.list().catch(() => [])) ?? [];
  await using units = await unitsOf(workloads);
  return await units.list();
}
