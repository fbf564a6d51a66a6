import { containersOf } from "../containers.ts";
import type { Rule } from "../rule.ts";

/** One container that leaks does not take its neighbours with it. */
export const limits: Rule = {
  name: "memory-limits",
  description: "Every container has a limit of memory.",
  each: (resource) =>
    containersOf(resource).flatMap(({ name, memoryLimit }) =>
      memoryLimit === undefined || memoryLimit === 0 ? [`${name} has no limit of memory.`] : [],
    ),
};
