import type { ComponentProgress } from "./components.ts";
import { owners } from "./components.ts";
import type { PlannedStep } from "./event.ts";

/** Seconds of preparation from which on nobody is kept waiting for it. */
const long = 45;

/**
 * Components that will be long in coming, because their program is being built or fetched slowly, or because they need
 * such a one. `up` returns when all others are settled.
 */
export function slowComponents(steps: readonly PlannedStep[], components: ComponentProgress[]): Set<string> {
  const built = builtComponents(steps);
  const slow = new Set(
    components
      .filter(({ state, progress }) => state === "preparing" && (progress?.eta ?? 0) >= long)
      .map(({ name }) => name),
  );
  for (const { name, state } of components) if (built.has(name) && state === "preparing") slow.add(name);
  const needs = needsByComponent(steps);
  for (let grown = true; grown; ) {
    grown = false;
    for (const { name, state } of components) {
      if (slow.has(name) || state !== "waiting") continue;
      if (![...(needs.get(name) ?? [])].some((other) => slow.has(other))) continue;
      slow.add(name);
      grown = true;
    }
  }
  return slow;
}

/** Those whose program the plan says must be built on this machine. */
function builtComponents(steps: readonly PlannedStep[]): Set<string> {
  const owner = owners(steps);
  return new Set(steps.filter(({ build }) => build !== undefined).flatMap(({ urn }) => owner(urn) ?? []));
}

/** Which other components each needs directly. */
function needsByComponent(steps: readonly PlannedStep[]): Map<string, Set<string>> {
  const owner = owners(steps);
  const needs = new Map<string, Set<string>>();
  for (const { urn, dependencies = [] } of steps) {
    const name = owner(urn);
    if (name === undefined) continue;
    const others = dependencies.map(owner).filter((other) => other !== undefined && other !== name);
    needs.set(name, new Set([...(needs.get(name) ?? []), ...(others as string[])]));
  }
  return needs;
}
