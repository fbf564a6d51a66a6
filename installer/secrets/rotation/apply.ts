import type { Io } from "../../commands/command.ts";
import { devflowVersion } from "../../commands/version.ts";
import { livingPorts } from "../../run/living-ports.ts";
import { errorOf } from "../../run/outcome.ts";
import { nothingToDo } from "../../run/plan.ts";
import { planStack } from "../../run/prepare.ts";
import { createRun } from "../../run/run.ts";
import { startRunner } from "../../run/start.ts";
import { watchRun } from "../../run/watch.ts";
import { openStack, readStack, type StackOptions } from "../../stack.ts";
import type { CheckContext } from "./checks.ts";

/** Whether an `up` would change anything now. */
export async function isSettled(io: Io, options: StackOptions): Promise<boolean> {
  return nothingToDo(await planStack(await openStack(io, options), io.signal));
}

/** What `up --yes --wait` does, without its questions. @throws DevflowError as `up` does */
export async function applyStack(io: Io, options: StackOptions): Promise<void> {
  const stack = await openStack(io, options);
  const plan = await planStack(stack, io.signal);
  if (nothingToDo(plan)) return;
  const { answers, set } = options;
  const run = await createRun(stack.paths, {
    version: devflowVersion(),
    mode: "up",
    options: { ...(answers && { answers }), ...(set && { set }), stack: stack.name },
    cwd: io.cwd,
    steps: plan.steps,
  });
  await startRunner(run, io.env);
  const error = errorOf(run, await watchRun(io, run, plan.steps, true));
  if (error) throw error;
}

export async function portsOf(io: Io, options: StackOptions): Promise<CheckContext["ports"] & { platform: number }> {
  const { settings, paths } = await readStack(io, options);
  const { postgres, code, storage, platform } = livingPorts(paths, settings);
  return { postgres, code, platform, storage: storage.s3 };
}
