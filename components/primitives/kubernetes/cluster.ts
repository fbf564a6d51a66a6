import { output, secret } from "@pulumi/pulumi";
import type { Reach } from "../../provider/reach/index.ts";
import { surroundings } from "../../surroundings.ts";

/** How the resources that set a workload up get to its pods. */
export function reachOf(selector: Record<string, string>, container?: string) {
  const { namespace, kubeconfig, context } = surroundings("kubernetes");
  return output({ namespace, ...(kubeconfig !== undefined && { kubeconfig: secret(kubeconfig) }) }).apply(
    (where): Reach => ({
      kind: "kubernetes",
      ...where,
      ...(context !== undefined && { context }),
      selector,
      ...(container !== undefined && { container }),
    }),
  );
}
