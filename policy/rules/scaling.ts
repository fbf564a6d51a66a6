import { at, list, type Resource, type Rule } from "../rule.ts";

/** Thousandths of a core below which one process that does a little is over its target all day. */
const least = 250;

/** An autoscaler whose target every working process is above keeps the most pods there are, all day. */
export const scaling: Rule = {
  name: "sensible-autoscaling",
  description: `An autoscaler by load counts from ${least} thousandths of a core a pod on.`,
  all: (resources) =>
    resources.flatMap((scaler) => {
      const target = targetOf(scaler);
      if (!target) return [];
      const request = requestOf(resources, target.name, at(scaler.inputs, "metadata", "namespace"));
      const used = (request * target.percent) / 100;
      if (used >= least) return [];
      return [
        {
          urn: scaler.urn,
          message: `${target.name} gets another pod from ${used} thousandths of a core a pod on: ask for more, or aim at more of it.`,
        },
      ];
    }),
};

function targetOf({ type, inputs }: Resource): { name: string; percent: number } | undefined {
  const name = String(at(inputs, "spec", "scaleTargetRef", "name"));
  if (type === "kubernetes:autoscaling/v2:HorizontalPodAutoscaler") {
    const cpu = list(at(inputs, "spec", "metrics")).find((one) => at(one, "resource", "name") === "cpu");
    return cpu === undefined
      ? undefined
      : { name, percent: Number(at(cpu, "resource", "target", "averageUtilization")) };
  }
  if (type === "kubernetes:keda.sh/v1alpha1:ScaledObject") {
    const cpu = list(at(inputs, "spec", "triggers")).find((one) => at(one, "type") === "cpu");
    return cpu === undefined ? undefined : { name, percent: Number(at(cpu, "metadata", "value")) };
  }
  return undefined;
}

/** Thousandths of a core that the first container of a Deployment is sure of; 0 when it says nothing. */
function requestOf(resources: Resource[], name: string, namespace: unknown): number {
  const deployment = resources.find(
    ({ type, inputs }) =>
      type === "kubernetes:apps/v1:Deployment" &&
      at(inputs, "metadata", "name") === name &&
      at(inputs, "metadata", "namespace") === namespace,
  );
  const asked = at(deployment?.inputs, "spec", "template", "spec", "containers", 0, "resources", "requests", "cpu");
  const text = String(asked ?? "0");
  return text.endsWith("m") ? Number(text.slice(0, -1)) : Number(text) * 1000;
}
