import type { StackPaths } from "../../components/provider/paths.ts";
import { type CheckResult, preflight, preflightInput } from "../preflight/index.ts";
import type { OpenStack } from "../stack.ts";
import { ensureRunning } from "../supervisor/launch.ts";
import { readRecords } from "../supervisor/records.ts";
import { needsOf } from "./needs.ts";
import { type Plan, planOf } from "./plan.ts";

/**
 * What an `up` of this stack would do. Looks at everything and changes nothing.
 * @throws DevflowError STATE_CORRUPT, STATE_KEY, and the first error of a program that cannot be planned.
 */
export async function planStack(stack: OpenStack, signal: AbortSignal): Promise<Plan> {
  const result = await stack.engine.run({ mode: "preview", signal, onEvent: () => {} });
  const [first] = result.failed;
  if (first) throw first.error;
  return planOf(result.steps, await stack.engine.inputs(), (refs) => stack.host.artifacts.plan(refs, signal));
}

/** Whether this machine can carry it out; what the stack's own processes hold already counts as free. */
export async function checkMachine(stack: OpenStack, plan: Plan): Promise<CheckResult[]> {
  return preflight(await preflightInput(stack, needsOf(plan)));
}

/**
 * Starts the supervisor again when it was killed or the machine restarted, so that it adopts what still runs and the
 * plan is made from what is really there.
 */
export async function reviveSupervisor(paths: StackPaths): Promise<void> {
  if (readRecords(paths).some(({ wanted }) => wanted === "running")) await ensureRunning(paths);
}
