import { containersOf } from "../../policy/containers.ts";
import type { Goal } from "../engine/index.ts";
import type { Properties } from "../engine/values.ts";

/** Gives the images that a resource runs, by their names; with inputs of a former time, those of then. */
export function referencesOf(goals: Goal[]): (goal: Goal, stored?: ReadonlyMap<string, Properties>) => string[] {
  const pulled = new Map(goals.filter(({ type }) => type === pulledType).map((goal) => [goal.urn, goal]));
  return (goal, stored) => {
    // A container of Docker is given its image's id; the name stands with what pulled it.
    const sources = (goal.propertyDependencies.image ?? []).flatMap((urn) => pulled.get(urn) ?? []);
    if (sources.length > 0) {
      const names = sources.map(({ urn, inputs }) => (stored ? stored.get(urn) : inputs)?.name);
      return names.filter((name) => typeof name === "string");
    }
    const inputs = stored ? (stored.get(goal.urn) ?? {}) : goal.inputs;
    const { type, name } = goal;
    return containersOf({ type, name, inputs }).flatMap(({ image }) => (typeof image === "string" ? [image] : []));
  };
}

const pulledType = "docker:index/remoteImage:RemoteImage";
