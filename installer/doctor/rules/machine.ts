import { preflight } from "../../preflight/index.ts";
import type { Diagnosis, Rule } from "../diagnosis.ts";

/** What preflight would say now: the machine can change under a stack that runs. Names have a rule of their own, with a fix. */
export const machine: Rule = {
  id: "machine",
  async run({ facts, ...input }) {
    const results = await preflight(input, { facts });
    return results.flatMap(({ name, status, result, why, fix, change }): Diagnosis[] => {
      if ((status !== "fail" && status !== "warn") || name === "names") return [];
      const command = change ? `./devflow up --set ${change.path}=${change.value}` : fix;
      return [
        {
          id: `machine-${name}`,
          severity: status === "fail" ? "error" : "warning",
          title: result,
          detail: why,
          evidence: [],
          ...(command && { fix: { command, safe: false } }),
        },
      ];
    });
  },
};
