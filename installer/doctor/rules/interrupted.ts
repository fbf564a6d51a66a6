import { count } from "../../terminal/human.ts";
import type { Rule } from "../diagnosis.ts";

/** Effects that were begun and never finished; nobody works on them now. */
export const interrupted: Rule = {
  id: "interrupted",
  async run({ state, lock }) {
    if (!state || lock || state.pending.size === 0) return [];
    const pending = [...state.pending.values()];
    return [
      {
        id: "run-interrupted",
        severity: "warning",
        title: `the last run was cut off in ${count(pending.length, "operation")}`,
        detail: "What was done is recorded; the next run looks at what was in hand and goes on from there.",
        evidence: pending.map(({ type, resource }) => `${type} ${resource.urn.split("::").slice(-2).join(" ")}`),
        fix: { command: "./devflow up", safe: false },
      },
    ];
  },
};
