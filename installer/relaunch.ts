import { join } from "node:path";
import { DevflowError } from "../components/error.ts";

/** Packages are not there that an install for `local` leaves out. */
export class DependenciesMissing extends DevflowError {}

/**
 * Starts the same command again by the launcher, in this very process: it installs what is missing, whatever way the
 * kind of stack was chosen. Comes back where that is of no use: without the launcher, or when it has been tried.
 */
export function installAndStartAgain(argv: readonly string[], env: NodeJS.ProcessEnv): void {
  const { DEVFLOW_ROOT: root, DEVFLOW_DEPENDENCIES: tried } = env;
  if (!root || tried !== undefined) return;
  const launcher = join(root, "devflow");
  process.execve?.(launcher, [launcher, ...argv], { ...definedOf(env), DEVFLOW_DEPENDENCIES: "cloud" });
}

function definedOf(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
