import { runProgram } from "../engine/index.ts";
import { type CheckResult, preflight } from "../preflight/index.ts";
import type { OpenStack } from "../stack.ts";
import { connect } from "../supervisor/client.ts";
import { needsOf } from "./needs.ts";
import { type Plan, planOf } from "./plan.ts";

/**
 * What an `up` of this stack would do. Looks at everything and changes nothing.
 * @throws DevflowError STATE_CORRUPT, STATE_KEY, and the first error of a program that cannot be planned.
 */
export async function planStack(stack: OpenStack, signal: AbortSignal): Promise<Plan> {
  const result = await runProgram({
    program: stack.program,
    project: "devflow",
    stack: stack.name,
    config: stack.config,
    providers: stack.providers,
    host: stack.host,
    store: stack.store,
    mode: "preview",
    parallel: stack.settings.engine.parallel,
    signal,
    onEvent: () => {},
  });
  const [first] = result.failed;
  if (first) throw first.error;
  return planOf(result.steps, await stack.store.load(), (refs) => stack.host.artifacts.plan(refs, signal));
}

/** Whether this machine can carry it out; what the stack's own processes hold already counts as free. */
export async function checkMachine(stack: OpenStack, plan: Plan): Promise<CheckResult[]> {
  const { settings, paths, home, platform, host } = stack;
  const running = (await (await connect(paths))?.list().catch(() => [])) ?? [];
  return preflight({
    settings,
    paths,
    home,
    platform,
    root: host.root,
    needs: needsOf(plan),
    owned: {
      ports: running.flatMap(({ ports, pid }) => (pid === undefined ? [] : ports)),
      pids: running.flatMap(({ pid }) => pid ?? []),
    },
  });
}
