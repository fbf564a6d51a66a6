import type { ProcessSpec } from "../../components/provider/process.ts";
import { findHolders, type Holder } from "../machine/holders.ts";
import { family, type Identity, processTable } from "./process-table.ts";

/**
 * Who answered a probe, if it was not the process itself: another program that listens on one of its ports. An answer is
 * no proof by itself, since two programs can share a port (SO_REUSEPORT) and a port that is taken answers as well.
 *
 * @param known members of its family as they were last seen
 * @returns as in "port 4402 is held by postgres (pid 77) of stack demo"; undefined when all listeners are its own
 */
export async function foreignListener(
  { ports }: Pick<ProcessSpec, "ports">,
  main: Identity,
  known: Identity[],
): Promise<string | undefined> {
  if (ports.length === 0) return undefined;
  const [rows, holders] = [await processTable(), await findHolders(ports)];
  const own = new Set(family(rows, main, known).map(({ pid }) => pid));
  const foreign = holders.find((holder) => holder.listening && !own.has(holder.pid ?? -1) && !hidden(holder));
  return foreign && `port ${foreign.port} is held by ${inWords(foreign)}`;
}

/** A program with file capabilities hides its sockets even from its own user, so this cannot be told from our own. */
function hidden({ pid, uid }: Holder): boolean {
  return pid === undefined && (uid === undefined || uid === process.getuid?.());
}

function inWords({ pid, command, user, stack }: Holder): string {
  if (pid === undefined) return `a program of user ${user}`;
  return `${command ?? "a program"} (pid ${pid})${stack ? ` of stack ${stack.name} (${stack.folder})` : ""}`;
}
