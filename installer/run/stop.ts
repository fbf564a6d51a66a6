import { setTimeout as pause } from "node:timers/promises";
import type { StackPaths } from "../../components/provider/paths.ts";
import type { ProcessStatus } from "../../components/provider/process.ts";
import { connect, type SupervisorClient } from "../supervisor/client.ts";
import { ensureRunning } from "../supervisor/launch.ts";
import { readRecords } from "../supervisor/records.ts";
import { isAlive, liveRun } from "./run.ts";
import { stopRunner } from "./start.ts";

/** Milliseconds that the steps in hand of a run may take before they are dropped, and then until it must have ended. */
const patience = { soft: 20_000, hard: 15_000 };

/** Ends the run under way: first asked to finish its steps, then to drop them. False when there was none. */
export async function stopLiveRun(paths: StackPaths): Promise<boolean> {
  const run = await liveRun(paths);
  if (!run) return false;
  await stopRunner(run);
  if (await ended(patience.soft)) return true;
  await stopRunner(run);
  await ended(patience.hard);
  return true;

  async function ended(limit: number): Promise<boolean> {
    for (const until = performance.now() + limit; performance.now() < until; await pause(100)) {
      if (run && !(await isAlive(run))) return true;
    }
    return false;
  }
}

/**
 * Stops every process of a stack and its supervisor. A supervisor that was killed left its processes running: another one
 * adopts and stops them.
 * @param onChange is told which of them still run, each time that changes.
 * @returns the processes that ran.
 */
export async function stopProcesses(
  paths: StackPaths,
  signal: AbortSignal,
  onChange: (left: string[]) => void = () => {},
): Promise<ProcessStatus[]> {
  const left = readRecords(paths).some(({ wanted }) => wanted === "running");
  const client = (await connect(paths)) ?? (left ? await ensureRunning(paths, { hold: true }) : undefined);
  if (!client) return [];
  const running = (await client.list()).filter(({ pid }) => pid !== undefined);
  const over = new AbortController();
  const watching = watch(client, running.map(nameOf), onChange, over.signal);
  try {
    await client.stopAll(signal);
  } finally {
    over.abort();
    await watching;
  }
  onChange([]);
  return running;
}

async function watch(
  client: Pick<SupervisorClient, "list">,
  names: string[],
  onChange: (left: string[]) => void,
  over: AbortSignal,
): Promise<void> {
  for (let shown = -1; !over.aborted; await pause(250, undefined, { signal: over }).catch(() => {})) {
    const now = await client.list().catch(() => undefined);
    // It hangs up when all are stopped.
    if (!now || over.aborted) return;
    const left = now.filter(({ name, pid }) => pid !== undefined && names.includes(name)).map(nameOf);
    if (left.length !== shown) onChange(left);
    shown = left.length;
  }
}

function nameOf({ name }: ProcessStatus): string {
  return name;
}
