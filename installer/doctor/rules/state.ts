import { stat } from "node:fs/promises";
import { restorePrevious } from "../../engine/store.ts";
import type { Diagnosis, Rule } from "../diagnosis.ts";
import type { Examination } from "../examination.ts";

/** The engine's state must be readable: it holds what exists, and the passwords. */
export const state: Rule = {
  id: "state",
  async run(examination) {
    const { stateError: error, state: known, records, paths } = examination;
    if (!error) return known || records.length > 0 ? [] : [absent];
    const base = {
      severity: "error" as const,
      title: error.message.replace(/^The/, "the").replace(/\.$/, ""),
      evidence: [],
    };
    if (error.code !== "STATE_CORRUPT") {
      return [
        {
          ...base,
          id: "state-key",
          detail: "Without its key the passwords in the state cannot be read.",
          fix: { command: error.hint, safe: false },
        },
      ];
    }
    return [{ ...base, id: "state-corrupt", ...(await previousCopy(examination, `${paths.state}.bak`)) }];
  },
};

const absent: Diagnosis = {
  id: "state-none",
  severity: "info",
  title: "this stack has not been brought up yet",
  detail: "",
  evidence: [],
  fix: { command: "./devflow up", safe: false },
};

async function previousCopy({ store, lock }: Examination, file: string): Promise<Pick<Diagnosis, "detail" | "fix">> {
  const copy = await stat(file).catch(() => undefined);
  if (!copy) {
    const fix = { command: "Restore the stack from a backup.", safe: false };
    return { detail: "There is no previous copy of it. The data of the components is untouched.", fix };
  }
  const written = copy.mtime.toISOString();
  return {
    detail: `A previous good copy of ${written} is there; what was done since is replayed. The damaged file is kept.`,
    fix: {
      command: "./devflow doctor --fix",
      // Nobody may be writing the state meanwhile.
      safe: lock === undefined,
      run: async () => {
        const aside = await restorePrevious(store);
        return `put the copy of ${written} in place; the damaged files are ${aside.join(", ")}`;
      },
    },
  };
}
