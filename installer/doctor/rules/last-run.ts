import { isAlive, listRuns, readOutcome, readRequest } from "../../run/run.ts";
import type { Rule } from "../diagnosis.ts";

/** How the latest run ended. */
export const lastRun: Rule = {
  id: "last-run",
  async run({ paths }) {
    const [run] = await listRuns(paths);
    if (!run || (await isAlive(run))) return [];
    const [request, outcome] = await Promise.all([readRequest(run), readOutcome(run)]);
    if (outcome?.status === "done" || !request) return [];
    const what = `the last "${request.mode}" (${request.createdAt})`;
    const { error } = outcome ?? {};
    const again = request.mode === "up" ? "./devflow up" : "./devflow destroy";
    return [
      {
        id: "last-run",
        severity: "warning",
        title: error ? `${what} failed: ${error.message.split("\n")[0]?.replace(/\.$/, "")}` : `${what} was cut off`,
        detail: error?.hint ?? "The same command goes on where it stopped.",
        evidence: [run.root],
        fix: { command: again, safe: false },
      },
    ];
  },
};
