import type { ComponentResource } from "@pulumi/pulumi";
import type { Transform } from "../../component.ts";
import { capacityLabel, poolLabel } from "../aws-pools.ts";
import type { WorkloadArgs, WorkloadOutputs } from "./index.ts";
import { type KubernetesWorkloadChildren, kubernetes } from "./kubernetes.ts";

type DeploymentArgs = KubernetesWorkloadChildren["deployment"];
type StatefulSetArgs = KubernetesWorkloadChildren["statefulSet"];

/** Pods as in any cluster; what keeps no data prefers nodes that AWS may take back, and nothing else is let onto them. */
export function aws(name: string, args: WorkloadArgs, parent: ComponentResource): WorkloadOutputs {
  const { transform, steady = false } = args;
  return kubernetes(
    name,
    {
      ...args,
      transform: {
        ...transform,
        deployment: (made: DeploymentArgs) => place(made, onRequests(steady), transform?.deployment),
        statefulSet: (made: StatefulSetArgs) => place(made, onKept, transform?.statefulSet),
      },
    },
    parent,
  );
}

/** The few nodes that AWS never takes back are for what is steady; all else leaves them room and prefers the others. */
function onRequests(steady: boolean) {
  const prefer = (weight: number, key: string, value: string) => ({
    weight,
    preference: { matchExpressions: [{ key, operator: "In", values: [value] }] },
  });
  return {
    tolerations: [{ key: poolLabel, operator: "Equal", value: "requests", effect: "NoSchedule" }],
    affinity: {
      nodeAffinity: {
        // Preferred only: where there is no room left they run beside what keeps data.
        preferredDuringSchedulingIgnoredDuringExecution: [
          prefer(100, poolLabel, "requests"),
          prefer(50, capacityLabel, steady ? "ON_DEMAND" : "SPOT"),
        ],
      },
    },
  };
}

const onKept = { nodeSelector: { [poolLabel]: "data" } };

/** Says where the pods of a set run; the caller's own transform comes after and has the last word. */
function place<Args extends DeploymentArgs | StatefulSetArgs>(made: Args, where: object, own?: Transform<Args>): void {
  const { spec } = made as unknown as { spec: { template: { spec: object } } };
  Object.assign(made, {
    spec: { ...spec, template: { ...spec.template, spec: { ...spec.template.spec, ...where } } },
  });
  if (typeof own === "function") own(made);
  else Object.assign(made, own);
}
