import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { alive } from "../process-identity.ts";
import { type RunFolder, runnerOf } from "./run.ts";

/**
 * Starts the runner of a run in a session of its own, so that it outlives the terminal and gets none of its signals.
 * What it prints goes to the run's log.
 */
export function startRunner(run: RunFolder, env: NodeJS.ProcessEnv): void {
  const log = openSync(run.log, "a", 0o600);
  const program = fileURLToPath(new URL("runner.ts", import.meta.url));
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", program, "--run", run.root], {
    cwd: "/",
    env: { ...env, NO_COLOR: "1" },
    detached: true,
    stdio: ["ignore", log, log],
  });
  child.on("error", () => {});
  child.unref();
  closeSync(log);
}

/** Asks a run to stop: the first time it finishes the steps in hand, the second time it drops them. False when it has ended. */
export async function stopRunner(run: RunFolder): Promise<boolean> {
  const runner = await runnerOf(run);
  if (!runner || !(await alive(runner))) return false;
  try {
    process.kill(runner.pid, "SIGINT");
    return true;
  } catch {
    return false;
  }
}
