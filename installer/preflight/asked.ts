import type { CheckResult } from "./check.ts";

/**
 * The findings as they stand for settings that were asked for by `--set`: another value is never taken in place of one
 * of these, so what only another value would settle fails, with that value as what to do.
 *
 * @param set assignments `path=value`, as typed
 */
export function withAsked(results: CheckResult[], set: readonly string[]): CheckResult[] {
  const asked = new Set(set.map(pathOf));
  return results.map(({ change, ...result }) => {
    if (!change) return result;
    return asked.has(change.path) ? { ...result, status: "fail" } : { ...result, change };
  });
}

/** Setting that a `--set path=value` is about. */
export function pathOf(assignment: string): string {
  return assignment.slice(0, assignment.indexOf("=")).trim();
}
