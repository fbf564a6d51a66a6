import { readInstance } from "../../supervisor/instance.ts";
import { ensureRunning } from "../../supervisor/launch.ts";
import { quotableLines } from "../../supervisor/log-reading.ts";
import { isAlive } from "../../supervisor/process-table.ts";
import type { Rule } from "../diagnosis.ts";

/** A stack that was up has a supervisor; without it nothing is watched or started again. */
export const supervisor: Rule = {
  id: "supervisor",
  async run({ paths, processes, records }) {
    const wanted = records.filter((record) => record.wanted === "running");
    if (processes || wanted.length === 0) return [];
    const evidence = quotableLines(paths.log("supervisor"), 5);
    const instance = readInstance(paths);
    if (instance && isAlive(instance)) {
      return [
        {
          id: "supervisor-hangs",
          severity: "error",
          title: `the supervisor (pid ${instance.pid}) runs but does not answer`,
          detail: "Its processes go on, but nobody watches them and no command can reach them.",
          evidence,
          fix: { command: `kill -9 ${instance.pid} && ./devflow up`, safe: false },
        },
      ];
    }
    const living = wanted.filter(({ main }) => main && isAlive(main)).map(({ spec }) => spec.name);
    const rest = living.length > 0 ? `${living.join(", ")} still run, unwatched.` : "None of them runs.";
    return [
      {
        id: "supervisor-gone",
        severity: "error",
        title: `the supervisor is not running, though ${wanted.length} processes should be`,
        detail: `The machine was restarted or the supervisor was killed. ${rest}`,
        evidence,
        fix: {
          command: "./devflow up",
          safe: true,
          run: async () => {
            const { pid } = await (await ensureRunning(paths)).version();
            return `started the supervisor (pid ${pid}); it takes over what runs and starts what should run`;
          },
        },
      },
    ];
  },
};
