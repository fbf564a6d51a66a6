import type { Rule } from "../diagnosis.ts";

const processType = "devflow:index:Process";

/** Processes that the state says exist and the supervisor does not know. */
export const drift: Rule = {
  id: "drift",
  async run({ state, processes, lock }) {
    if (!state || !processes || lock) return [];
    const known = new Set(processes.map(({ name }) => name));
    const missing = [...state.resources.values()]
      .filter(({ type, id }) => type === processType && id !== undefined && !known.has(id))
      .map(({ id }) => id as string);
    if (missing.length === 0) return [];
    return [
      {
        id: "drift",
        severity: "warning",
        title: `${missing.join(", ")} should run, but the supervisor does not know of ${missing.length === 1 ? "it" : "them"}`,
        detail: "The stack and its state have come apart, for instance by a folder that was removed by hand.",
        evidence: [],
        fix: { command: "./devflow up", safe: false },
      },
    ];
  },
};
