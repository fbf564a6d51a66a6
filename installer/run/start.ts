import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { alive, identify } from "../process-identity.ts";
import { type RunFolder, runnerOf, writeAtomic } from "./run.ts";

/**
 * Starts the runner of a run in a session of its own, so that it outlives the terminal and gets none of its signals.
 * What it prints goes to the run's log. Its process is written down before it has begun to work: on a busy machine that
 * takes longer than anybody waits for a sign of life.
 */
export async function startRunner(run: RunFolder, env: NodeJS.ProcessEnv): Promise<void> {
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
  const runner = child.pid === undefined ? undefined : await identify(child.pid);
  // The runner writes the same by itself.
  if (runner) await writeAtomic(run.runner, runner);
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
