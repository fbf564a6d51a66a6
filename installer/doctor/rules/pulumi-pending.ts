import { backendFolder, readCheckpoint } from "../../declared/checkpoint.ts";
import { backendLocks } from "../../pulumi/locks.ts";
import { count } from "../../terminal/human.ts";
import type { Rule } from "../diagnosis.ts";

/**
 * Operations that Pulumi had begun when it ended. What was being created may be there without the state knowing its id, so
 * nothing is thrown away here: a person looks first.
 */
export const pulumiPending: Rule = {
  id: "pulumi-pending",
  async run({ settings, paths }) {
    const { kind, name } = settings.stack;
    const folder = kind === "local" ? undefined : backendFolder(paths.root, settings.engine.backend);
    if (folder === undefined) return [];
    // Somebody is at work: of course operations are pending.
    if ((await backendLocks(folder, name)).some(({ alive }) => alive !== false)) return [];
    const { pending = [] } = (await readCheckpoint(folder, name)) ?? {};
    if (pending.length === 0) return [];
    const creating = pending.filter(({ operation }) => operation === "creating");
    return [
      {
        id: "pulumi-pending",
        severity: "warning",
        title: `the last update was cut off in ${count(pending.length, "operation")}`,
        detail:
          creating.length > 0
            ? "What was being created may exist without the stack knowing of it: look for it by its name, and either import it or delete it. The next up says the same until that is answered."
            : "The next up looks at each again and goes on from there.",
        evidence: pending.map(({ operation, urn }) => `${operation} ${urn.split("::").slice(-2).join(" ")}`),
        fix:
          creating.length > 0
            ? {
                command: `pulumi refresh --stack ${name}   (asks for each: its id to import it, or that it is not there)`,
                safe: false,
              }
            : { command: "./devflow up", safe: false },
      },
    ];
  },
};
