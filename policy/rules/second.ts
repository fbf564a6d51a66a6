import { at, list, type Resource, type Rule } from "../rule.ts";

const deploymentType = "kubernetes:apps/v1:Deployment";
const budgetType = "kubernetes:policy/v1:PodDisruptionBudget";
const clusterType = "kubernetes:postgresql.cnpg.io/v1:Cluster";
const poolerType = "kubernetes:postgresql.cnpg.io/v1:Pooler";

/**
 * A stack that is to outlive a node has a second one of everything that keeps no data, elsewhere, and lets no drain take both.
 * That it is to do so shows in a database with standbys, or in what has a second one already.
 */
export const second: Rule = {
  name: "a-second-one-elsewhere",
  description:
    "Where a stack is to outlive a node, what keeps no data runs twice, on different nodes and with a budget, unless it must never run twice.",
  all(resources) {
    const many = resources.filter((one) => isMany(one, resources));
    const spreadOut = many.flatMap((one) => [
      ...(list(at(podOf(one), "topologySpreadConstraints")).length > 0
        ? []
        : [{ urn: one.urn, message: "All of its pods may be on one node: spread them." }]),
      ...(hasBudget(one, resources)
        ? []
        : [{ urn: one.urn, message: "A drain may take all of its pods at a time: give it a disruption budget." }]),
    ]);
    if (!resources.some(outlives)) return spreadOut;
    const alone = resources.filter(
      ({ type, inputs }) =>
        type === deploymentType &&
        at(inputs, "spec", "replicas") === 1 &&
        at(inputs, "spec", "strategy", "type") !== "Recreate",
    );
    const message = "It runs once where the stack is to outlive a node: run a second one, or say that it cannot.";
    return [...spreadOut, ...alone.map(({ urn }) => ({ urn, message }))];
  },
};

/** Deployments whose number an autoscaler says have none of their own. */
function isMany({ type, inputs }: Resource, resources: Resource[]): boolean {
  if (type === poolerType) return Number(at(inputs, "spec", "instances")) > 1;
  if (type !== deploymentType) return false;
  const name = at(inputs, "metadata", "name");
  const scaler = resources.find(
    (one) => at(one.inputs, "spec", "scaleTargetRef") !== undefined && at(one.inputs, "metadata", "name") === name,
  );
  const least = at(scaler?.inputs, "spec", "minReplicas") ?? at(scaler?.inputs, "spec", "minReplicaCount");
  return Number(at(inputs, "spec", "replicas") ?? least ?? 1) > 1;
}

/** A fixed number of two and more: an autoscaler would also add some for load alone. */
function outlives({ type, inputs }: Resource): boolean {
  if (type === clusterType) return Number(at(inputs, "spec", "instances")) > 1;
  return type === deploymentType && Number(at(inputs, "spec", "replicas") ?? 1) > 1;
}

function podOf({ inputs }: Resource): unknown {
  return at(inputs, "spec", "template", "spec");
}

/** By the labels that the budget looks for: a workload's own, or for poolers the operator's. */
function hasBudget({ type, inputs }: Resource, resources: Resource[]): boolean {
  const name = at(inputs, "metadata", "name");
  const label = type === poolerType ? "cnpg.io/poolerName" : "app.kubernetes.io/name";
  return resources.some(
    (one) => one.type === budgetType && at(one.inputs, "spec", "selector", "matchLabels", label) === name,
  );
}
