import type { ComponentResource, Input, Resource } from "@pulumi/pulumi";
import { child } from "../component.ts";
import { sdk } from "../sdk.ts";

/**
 * Lets the cluster's own pods (CoreDNS, metrics-server, the driver of disks) call and be called as they are without any
 * policy. Where policies are held strictly a pod that no policy names reaches nobody for ever, so this comes before the
 * first of them.
 *
 * @param kubeconfig of the cluster, which has no nodes yet
 * @param administrators what lets whoever runs the update in
 */
export function openSystemPods(
  name: string,
  kubeconfig: Input<string>,
  administrators: Resource[],
  parent: ComponentResource,
): Resource {
  const { Provider, networking } = sdk.kubernetes();
  const provider = child(
    Provider,
    `${name}-system`,
    { kubeconfig, clusterIdentifier: `kube-system/${name}`, enableServerSideApply: true, enablePatchForce: true },
    parent,
    undefined,
    { dependsOn: administrators },
  );
  return child(
    networking.v1.NetworkPolicy,
    `${name}-system`,
    {
      metadata: { name: "devflow-system-pods", namespace: "kube-system" },
      spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"], ingress: [{}], egress: [{}] },
    },
    parent,
    undefined,
    { provider },
  );
}
