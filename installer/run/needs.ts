import { upstream } from "../../components/catalogue/index.ts";
import type { Needs } from "../preflight/index.ts";
import type { Plan } from "./plan.ts";

/** What a plan asks of the machine. */
export function needsOf(plan: Plan): Needs {
  const missing = plan.programs.filter(({ present }) => !present);
  const mebibyte = 2 ** 20;
  return {
    memory: plan.memory,
    disk: {
      // The download stays in the cache beside what is unpacked from it.
      cache: missing.reduce((sum, { disk, downloadBytes }) => sum + disk * mebibyte + (downloadBytes ?? 0), 0),
      data: plan.programs.reduce((sum, { ref }) => sum + upstream(ref.name).disk.data * mebibyte, 0),
    },
    ports: plan.ports,
  };
}
