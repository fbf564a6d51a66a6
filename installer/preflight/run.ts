import type { Check, CheckInput, CheckResult, Finding, PreflightInput } from "./check.ts";
import { checks } from "./checks/index.ts";
import type { Facts } from "./facts.ts";
import { machineFacts } from "./machine/index.ts";

/** How long one check may take, in milliseconds. What hangs (a dead network disk, a mute name server) is a warning. */
const timeLimit = 3000;

/**
 * Looks at the machine before anything is touched; changes nothing. All checks run at once, so it takes as long as the
 * slowest, at most 3 s on this machine and 20 s where a cloud is asked. The results stand in the order of the table. Never rejects: a check that breaks is a warning.
 */
export async function preflight(
  input: PreflightInput,
  options: { facts?: Facts; checks?: readonly Check[]; limit?: number } = {},
): Promise<CheckResult[]> {
  const full: CheckInput = { ...input, facts: options.facts ?? machineFacts() };
  return Promise.all(
    (options.checks ?? checks).map((check) => runOne(check, full, options.limit ?? check.limit ?? timeLimit)),
  );
}

async function runOne(check: Check, input: CheckInput, limit: number): Promise<CheckResult> {
  const { name, title, why } = check;
  const started = performance.now();
  const finding = await answerOf(check, input, limit);
  return { name, title, why, ...finding, durationMs: Math.round(performance.now() - started) };
}

async function answerOf(check: Check, input: CheckInput, limit: number): Promise<Finding> {
  const given = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Finding>((resolve) => {
    timer = setTimeout(() => {
      given.abort();
      resolve({
        status: "warn",
        result: `no answer within ${limit / 1000} s`,
        fix: "Run `./devflow preflight` again.",
      });
    }, limit);
  });
  try {
    return await Promise.race([check.run(input, given.signal), late]);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { status: "warn", result: `could not be checked: ${message}`, fix: "Run `./devflow preflight` again." };
  } finally {
    clearTimeout(timer);
  }
}
