import type { Settings } from "../../../stacks/config/index.ts";
import type { WorkloadEngine } from "./unit.ts";

export type { WorkloadEngine } from "./unit.ts";

/** Where a stack's workloads run; undefined where the supervisor runs them. */
export function workloadEngine({ stack, docker, kubernetes, aws }: Settings): WorkloadEngine | undefined {
  if (stack.kind === "local") return undefined;
  if (stack.kind === "onprem") {
    return { kind: "docker", stack: `devflow-${stack.name}`, ...(docker.host !== undefined && { host: docker.host }) };
  }
  const { namespace, kubeconfig, context } = kubernetes;
  const account = aws.account ?? "";
  return {
    kind: "kubernetes",
    namespaces: [namespace, ...(kubernetes.readLogs ? [`${namespace}-logs`] : [])],
    ...(kubeconfig !== undefined && { kubeconfig }),
    ...(context !== undefined && { context }),
    // The name that `aws eks update-kubeconfig` gives it: no other cluster is taken for the customer's.
    ...(stack.kind === "dedicated" &&
      context === undefined && { context: `arn:aws:eks:${aws.region}:${account}:cluster/${stack.name}` }),
  };
}
