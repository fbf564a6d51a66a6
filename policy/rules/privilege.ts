import { containersOf } from "../containers.ts";
import type { Rule } from "../rule.ts";

/** A container that is broken into is not the machine. */
export const privilege: Rule = {
  name: "no-privileged-containers",
  description: "No container is privileged, shares the machine's network or processes, or reads the engine's socket.",
  each: (resource) =>
    containersOf(resource).flatMap(({ name, privileged, shares, engine }) => [
      ...(privileged ? [`${name} is privileged: it is as good as root on its machine.`] : []),
      ...shares.map((what) => `${name} has ${what} of its machine.`),
      ...(engine ? [`${name} reads the socket of the container engine: it is as good as root on its machine.`] : []),
    ]),
};
