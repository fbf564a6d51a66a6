import { containersOf, podSpec } from "../containers.ts";
import { at, list, type Resource, type Rule } from "../rule.ts";

/** Names of classes of priority end in their rank; this one keeps data. */
const rank = /-data$/;

/**
 * A node that is short of memory evicts whoever takes more than it asked for, the lowest priority first: without either,
 * databases.
 */
export const data: Rule = {
  name: "data-is-evicted-last",
  description:
    "Every pod of a cluster says who gives way to whom; what keeps data has the highest rank, and is sure of all the memory it may take.",
  all: (resources) => {
    const ranked = resources.filter(isClass).map(({ inputs }) => ({
      name: String(at(inputs, "metadata", "name")),
      value: Number(inputs.value),
    }));
    // A stack that has no ranks has said nothing about any of its pods.
    if (ranked.length === 0) return [];
    const highest = Math.max(...ranked.map(({ value }) => value));
    const wrong = ranked.filter(({ name, value }) => rank.test(name) && value < highest);
    return [
      ...resources.filter(isClass).flatMap(({ urn, inputs }) => {
        const found = wrong.some(({ name }) => name === at(inputs, "metadata", "name"));
        return found ? [{ urn, message: "Others go before what keeps data: give it the highest value." }] : [];
      }),
      ...resources.flatMap((one) => messages(one).map((message) => ({ urn: one.urn, message }))),
    ];
  },
};

function messages(resource: Resource): string[] {
  const spec = podSpec(resource.type, resource.inputs);
  // A job ends, and is started again.
  if (spec === undefined || /:(Job|CronJob)$/.test(resource.type)) return [];
  const given = at(spec, "priorityClassName");
  if (typeof given !== "string") return ["It does not say who gives way to whom: name a class of priority."];
  const claims = list(at(spec, "volumes")).some((volume) => at(volume, "persistentVolumeClaim") !== undefined);
  const keeps = claims || at(resource.inputs, "spec", "volumeClaimTemplates") !== undefined;
  if (!keeps || !rank.test(given)) return [];
  return containersOf(resource)
    .filter(({ name, memoryRequest, memoryLimit }) => name !== "private-files" && memoryRequest !== memoryLimit)
    .map(({ name }) => `${name} keeps data and may take more memory than it is sure of: ask for as much as its limit.`);
}

function isClass({ type }: Resource): boolean {
  return type === "kubernetes:scheduling.k8s.io/v1:PriorityClass";
}
