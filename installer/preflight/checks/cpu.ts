import type { Check } from "../check.ts";
import { processorLimit } from "../machine/cgroup.ts";

export const cpu: Check = {
  name: "cpu",
  title: "Processors",
  why: "With few or busy processors everything works, but starts several times slower.",
  async run({ facts }) {
    const limit = await processorLimit(facts);
    const usable = Math.min(facts.cores, limit ?? facts.cores);
    const limited =
      limit !== undefined && limit < facts.cores ? ` of ${facts.cores}, limited by the control group` : "";
    const data = { cores: facts.cores, limit, load: facts.load };
    const result = `${Number(usable.toFixed(1))} ${usable === 1 ? "processor" : "processors"}${limited}`;
    if (usable < 2)
      return { status: "warn", result, fix: "Give the machine two processors, or expect slow starts.", data };
    // A high load is no fault of the machine, but it explains slow starts and probes that run out of time.
    if (facts.load > usable * 8) {
      const busy = `${result}, very busy (load ${facts.load.toFixed(0)})`;
      return { status: "warn", result: busy, fix: "See what keeps the machine busy: `top`", data };
    }
    return { status: "ok", result, data };
  },
};
