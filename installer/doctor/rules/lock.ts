import { rm } from "node:fs/promises";
import { readLock } from "../../engine/lock.ts";
import { duration } from "../../terminal/human.ts";
import type { Rule } from "../diagnosis.ts";
import { exists } from "../examination.ts";

/** Long for any single command but a first start with builds. */
const long = 60 * 60_000;

/** Who holds the engine's lock. One whose process is dead is taken over by the next command; it only looks alarming. */
export const lock: Rule = {
  id: "lock",
  async run({ paths, lock: holder, facts }) {
    const file = `${paths.state}.lock`;
    if (holder) {
      const since = facts.now() - Date.parse(holder.since);
      if (since < long) return [];
      return [
        {
          id: "lock-held",
          severity: "warning",
          title: `"${holder.command}" of ${holder.user} (pid ${holder.pid}) has been at work for ${duration(since / 1000)}`,
          detail: "No other command can change the stack meanwhile.",
          evidence: [file],
          fix: {
            command: `kill ${holder.pid}   (it stops after the step in hand; \`./devflow up\` resumes)`,
            safe: false,
          },
        },
      ];
    }
    if (!(await exists(file))) return [];
    return [
      {
        id: "lock-stale",
        severity: "info",
        title: "the lock of a command that was killed is still there",
        detail: "It stops nobody: the next command takes it over.",
        evidence: [file],
        fix: {
          command: `rm ${file}`,
          safe: true,
          run: async () => {
            // Somebody may have taken it over since.
            if (await readLock(file)) return "left it alone: a command has taken it over";
            await rm(file, { force: true });
            return `removed ${file}`;
          },
        },
      },
    ];
  },
};
