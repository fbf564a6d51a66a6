import { DevflowError } from "../../components/error.ts";
import { updateAnswers } from "../answers.ts";
import type { Io } from "../commands/command.ts";
import type { CheckResult } from "../preflight/index.ts";
import { formatPreflight } from "../preflight/index.ts";
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
}

/**
 * Checks the machine against the plan. A finding that another setting settles (a port that is taken) is proposed, or
 * taken with `--yes`, and written to the answers file; then everything is looked at again.
 * @throws DevflowError PREFLIGHT_FAILED when something is left that stops an `up`.
 */
export async function settleChecks(io: Io, prepared: Omit<Prepared, "checks">, yes: boolean): Promise<Prepared> {
  const { stack, plan, options } = prepared;
  const checks = await during(io, "Checking this machine", checkMachine(stack, plan));
  if (!io.json) io.err(`${formatPreflight(checks, io).join("\n")}\n`);
  const failed = checks.filter(({ status, change }) => status === "fail" && !change);
  if (failed.length > 0) throw preflightFailed(failed);
  const proposals = checks.flatMap(({ status, change, result }) =>
    change && (status === "warn" || status === "fail") ? [{ ...change, result, fatal: status === "fail" }] : [],
  );
  const changes: Record<string, unknown> = {};
  for (const { path, value, result, fatal } of proposals) {
    const agreed = yes || (io.interactive && (await confirm(io, `${result}. Use ${path} ${value} instead?`)));
    if (agreed) changes[path] = value;
    else if (fatal) throw preflightFailed(checks.filter(({ change }) => change?.path === path));
  }
  if (Object.keys(changes).length === 0) return { ...prepared, checks };
  await updateAnswers(stack.found.file, changes);
  const next = {
    ...options,
    set: (options.set ?? []).filter((one) => !(one.slice(0, one.indexOf("=")).trim() in changes)),
  };
  const reopened = await openStack(io, next);
  const replanned = await during(io, "Planning again", planStack(reopened, io.signal));
  return settleChecks(io, { stack: reopened, plan: replanned, options: next }, yes);
}

function preflightFailed(failed: CheckResult[]): DevflowError {
  const findings = failed.map(({ result }) => `\n${result}`).join("");
  const fixes = failed.flatMap(({ fix }) => fix ?? []).join("\n");
  return new DevflowError("PREFLIGHT_FAILED", `This machine cannot run the stack as it is configured.${findings}`, {
    hint: fixes || "./devflow preflight shows every check.",
  });
}
