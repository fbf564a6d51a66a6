import type { Facts } from "../preflight/facts.ts";

/** An answer of the AWS CLI, or why there is none. */
export type Answer<Value> = { value: Value } | { missing: "program" } | { refused: string };

/**
 * Asks AWS one question by its CLI, which has whatever credentials the person has. Only what reads is asked.
 *
 * @param question service, command and options. @example ["sts", "get-caller-identity"]
 */
export async function ask<Value>(
  { facts, region }: { facts: Pick<Facts, "exec">; region: string },
  question: string[],
  signal: AbortSignal,
): Promise<Answer<Value>> {
  const { code, stdout, stderr } = await facts.exec(
    ["aws", ...question, "--region", region, "--output", "json", "--no-cli-pager"],
    signal,
  );
  if (code === 127) return { missing: "program" };
  if (code !== 0) return { refused: reason(stderr) };
  // A list of nothing is no text at all.
  return { value: (stdout.trim() === "" ? {} : JSON.parse(stdout)) as Value };
}

/** Last line of what the CLI complains of, without its own preamble. */
function reason(stderr: string): string {
  const last = stderr.trim().split("\n").at(-1) ?? "";
  return last.replace(/^An error occurred \((\w+)\) when calling the \w+ operation: /, "$1: ").replace(/\.$/, "");
}
