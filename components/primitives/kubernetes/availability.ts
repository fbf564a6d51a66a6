import { surroundings } from "../../surroundings.ts";
import type { Rank } from "../rank.ts";
import { metadata, selector } from "./object.ts";

/**
 * One at a time may be taken away, for whatever reason but a failure. Of a single pod this still lets a node be drained;
 * a budget that did not would stop every upgrade of the cluster.
 */
export function disruptionBudget(name: string, component: string, pods: Record<string, string> = selector(name)) {
  return {
    metadata: metadata(name, component),
    spec: { maxUnavailable: 1, selector: { matchLabels: pods } },
  };
}

/** The part of a pod that says who gives way to whom. */
export function priority(rank: Rank) {
  const { priorities } = surroundings("kubernetes");
  return priorities && { priorityClassName: priorities[rank] };
}

/** More pods under load, fewer only after five minutes without. */
export function scaling(name: string, component: string, { least, most }: { least: number; most: number }) {
  return {
    metadata: metadata(name, component),
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
      minReplicas: least,
      maxReplicas: most,
      metrics: [
        { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 70 } } },
      ],
      behavior: {
        scaleUp: { stabilizationWindowSeconds: 0, policies: [{ type: "Percent", value: 100, periodSeconds: 30 }] },
        scaleDown: { stabilizationWindowSeconds: 300, policies: [{ type: "Pods", value: 1, periodSeconds: 60 }] },
      },
    },
  };
}

/**
 * On different nodes and in different zones where there are several, but never at the price of not running. Pods of one
 * revision are counted, by the label that their controller gives them.
 */
export function spread(pods: Record<string, string>, controller: "Deployment" | "StatefulSet") {
  return ["kubernetes.io/hostname", "topology.kubernetes.io/zone"].map((topologyKey) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: "ScheduleAnyway",
    labelSelector: { matchLabels: pods },
    matchLabelKeys: [controller === "Deployment" ? "pod-template-hash" : "controller-revision-hash"],
  }));
}
