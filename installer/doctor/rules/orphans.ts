import { setTimeout as wait } from "node:timers/promises";
import { send } from "../../supervisor/end.ts";
import { type Marked, markedProcesses, stackMarker } from "../../supervisor/marker.ts";
import { family, isAlive, processTable } from "../../supervisor/process-table.ts";
import { readRecords } from "../../supervisor/records.ts";
import type { Rule } from "../diagnosis.ts";
import type { Examination } from "../examination.ts";

/** A process that was just started is known by its marker before the supervisor has written it down. */
const settling = 1500;

/** Processes with this stack's marker that its supervisor does not know. */
export const orphans: Rule = {
  id: "orphans",
  async run({ paths, processes }) {
    const first = await strays(paths);
    if (first.length === 0) return [];
    await wait(settling);
    const still = new Set(first.map(({ pid, start }) => `${pid} ${start}`));
    const found = (await strays(paths)).filter(({ pid, start }) => still.has(`${pid} ${start}`));
    if (found.length === 0) return [];
    const pids = found.map(({ pid }) => pid);
    return [
      {
        id: "orphans",
        severity: "warning",
        title: `${found.map(({ label, pid }) => `${label} (pid ${pid})`).join(", ")} of this stack run without belonging to it`,
        detail: `${processes ? "The supervisor does not know them" : "No supervisor runs"}; they hold memory and perhaps a port.`,
        evidence: [],
        fix: {
          command: `kill ${pids.join(" ")}`,
          safe: true,
          run: async () => {
            for (const stray of found) send(stray, "SIGTERM");
            for (let waited = 0; waited < 5000 && found.some(isAlive); waited += 100) await wait(100);
            const left = found.filter(isAlive);
            for (const stray of left) send(stray, "SIGKILL");
            return `ended ${pids.join(", ")}${left.length > 0 ? `, ${left.length} of them by force` : ""}`;
          },
        },
      },
    ];
  },
};

/** Probes come and go and belong to the supervisor itself. */
async function strays(paths: Examination["paths"]): Promise<Marked[]> {
  const [marked, rows] = await Promise.all([markedProcesses(stackMarker(paths.root)), processTable()]);
  const known = new Set(
    readRecords(paths)
      .flatMap(({ main }) => (main ? family(rows, main) : []))
      .map(({ pid }) => pid),
  );
  return marked.filter(({ pid, label }) => !known.has(pid) && !label.includes("/"));
}
