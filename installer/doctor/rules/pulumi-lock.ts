import { rm } from "node:fs/promises";
import { backendFolder } from "../../declared/checkpoint.ts";
import { type BackendLock, backendLocks, readLock } from "../../pulumi/locks.ts";
import { duration } from "../../terminal/human.ts";
import type { Diagnosis, Rule } from "../diagnosis.ts";
import type { Examination } from "../examination.ts";

/** Long for an update, also of a cloud. */
const long = 90 * 60_000;

/** Pulumi's lock is a file that a killed engine leaves behind; unlike our own, nobody takes it over. */
export const pulumiLock: Rule = {
  id: "pulumi-lock",
  async run({ settings, paths, facts }) {
    if (settings.stack.kind === "local") return [];
    const folder = backendFolder(paths.root, settings.engine.backend);
    if (folder === undefined) return [];
    const locks = await backendLocks(folder, settings.stack.name);
    return locks.flatMap((lock) => {
      if (lock.alive === false) return [abandoned(lock)];
      return facts.now() - lock.since.getTime() > long ? [longHeld(lock, facts)] : [];
    });
  },
};

function abandoned(lock: BackendLock): Diagnosis {
  const { file, pid, user } = lock;
  return {
    id: "pulumi-lock-abandoned",
    severity: "error",
    title: `an update${user ? ` of ${user}` : ""} was killed and still holds the stack`,
    detail: `Its process${pid ? ` (pid ${pid})` : ""} is gone, and Pulumi refuses every other update until the lock is.`,
    evidence: [file],
    fix: {
      command: `rm ${file}`,
      safe: true,
      run: async () => {
        // Somebody may have begun since, by the same file.
        if ((await readLock(file)).alive) return "left it alone: its process lives";
        await rm(file, { force: true });
        return `removed ${file}`;
      },
    },
  };
}

function longHeld({ file, pid, user, host, since }: BackendLock, { now }: Examination["facts"]): Diagnosis {
  return {
    id: "pulumi-lock-held",
    severity: "warning",
    title: `an update of ${user} on ${host} (pid ${pid}) holds the stack since ${duration((now() - since.getTime()) / 1000)}`,
    detail: "Nobody else can change the stack meanwhile. Whether it still works, only that machine can tell.",
    evidence: [file],
    fix: { command: "pulumi cancel   (when nobody is at work on the stack)", safe: false },
  };
}
