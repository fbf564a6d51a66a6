import { DevflowError } from "../../components/error.ts";
import type { Io } from "../commands/command.ts";
import type { CheckResult } from "../preflight/index.ts";
import { formatPreflight, pathOf, withAsked } from "../preflight/index.ts";
import { type OpenStack, openStack, type StackOptions } from "../stack.ts";
import { confirm } from "../terminal/confirm.ts";
import { during } from "../terminal/spinner.ts";
import type { Plan } from "./plan.ts";
import { checkMachine, planStack } from "./prepare.ts";

export interface Prepared {
  stack: OpenStack;
  plan: Plan;
  checks: CheckResult[];
  options: StackOptions;
  /** Settings that replace those of the answers file, because the machine cannot give those. */
  settled: Record<string, unknown>;
}

/**
 * Checks the machine against the plan. A finding that another setting settles (a port that is taken) is proposed, or
 * taken with `--yes`; then everything is looked at again. `settled` says which settings were chosen so: the caller writes
 * them down once the person has agreed to the plan. What was asked for by `--set` is never replaced without a question.
 * @throws DevflowError PREFLIGHT_FAILED when something is left that stops an `up`, or a proposal is declined.
 */
export async function settleChecks(
  io: Io,
  prepared: Omit<Prepared, "checks" | "settled">,
  yes: boolean,
  settled: Record<string, unknown> = {},
): Promise<Prepared> {
  const { stack, plan, options } = prepared;
  const checks = await during(io, "Checking this machine", checkMachine(stack, plan));
  const asked = (options.set ?? []).filter((one) => !(pathOf(one) in settled));
  if (!io.json) io.err(`${formatPreflight(withAsked(checks, asked), io).join("\n")}\n`);
  const failed = checks.filter(({ status, change }) => status === "fail" && !change);
  if (failed.length > 0) throw preflightFailed(failed);
  const proposals = checks.flatMap((check) => (check.change ? [{ ...check, change: check.change }] : []));
  if (proposals.length === 0) return { ...prepared, checks, settled };
  const changes: Record<string, unknown> = {};
  for (const proposal of proposals) {
    const { path, value } = proposal.change;
    const agreed =
      (yes && !asked.some((one) => pathOf(one) === path)) ||
      (io.interactive && (await confirm(io, `Use ${path} ${value} instead?`)));
    if (!agreed) throw declined(proposal);
    changes[path] = value;
  }
  const set = (options.set ?? []).filter((one) => !(pathOf(one) in changes));
  const next = { ...options, set: [...set, ...Object.entries(changes).map(([path, value]) => `${path}=${value}`)] };
  const reopened = await openStack(io, next);
  const replanned = await during(io, "Planning again", planStack(reopened, io.signal));
  return settleChecks(io, { stack: reopened, plan: replanned, options: next }, yes, { ...settled, ...changes });
}

/** How to choose: the free value that was found, any other, or doing without the other program. */
function declined({ result, fix, change }: CheckResult): DevflowError {
  return new DevflowError("PREFLIGHT_FAILED", `Nothing was changed: ${result}.`, {
    hint: `Choose another: \`./devflow up ${fix ?? `--set ${change?.path}=${change?.value}`}\` (or \`./devflow config set ${change?.path}=<value>\`); or end the other program first.`,
  });
}

function preflightFailed(failed: CheckResult[]): DevflowError {
  const findings = failed.map(({ result }) => `\n${result}`).join("");
  const fixes = failed.flatMap(({ fix }) => fix ?? []).join("\n");
  return new DevflowError("PREFLIGHT_FAILED", `This machine cannot run the stack as it is configured.${findings}`, {
    hint: fixes || "`./devflow preflight` shows every check.",
  });
}
