import type { Facts } from "../preflight/facts.ts";
import type { Diagnosis, DoctorInput, Rule, Severity } from "./diagnosis.ts";
import { type Examination, examine } from "./examination.ts";
import { rules } from "./rules/index.ts";

/** How long one rule may take, in milliseconds: comparing all files of all programs takes some seconds. */
const timeLimit = 20_000;

/** Finds what is wrong with a stack and its machine, the worst first. Changes nothing, and works on a stack in ruins. */
export async function diagnose(
  input: DoctorInput,
  options: { facts?: Facts; rules?: readonly Rule[] } = {},
): Promise<Diagnosis[]> {
  const examination = await examine(input, options.facts);
  const found: Diagnosis[] = [];
  for (const [, group] of [...Map.groupBy(options.rules ?? rules, ({ heavy = false }) => heavy)].sort(
    ([a], [b]) => Number(a) - Number(b),
  )) {
    found.push(...(await Promise.all(group.map((rule) => applyRule(rule, examination)))).flat());
  }
  return found.sort((a, b) => weight[a.severity] - weight[b.severity]);
}

const weight: Record<Severity, number> = { error: 0, warning: 1, info: 2 };

/** A rule that breaks must not hide what the others found. */
async function applyRule(rule: Rule, examination: Examination): Promise<Diagnosis[]> {
  const signal = AbortSignal.timeout(timeLimit);
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(new Error(`no answer within ${timeLimit / 1000} s`)), { once: true });
  });
  try {
    return await Promise.race([rule.run(examination, signal), late]);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return [{ id: rule.id, severity: "warning", title: `"${rule.id}" could not be looked at`, detail, evidence: [] }];
  }
}
