import type * as Aws from "@pulumi/aws";
import { interpolate, type Output } from "@pulumi/pulumi";

/** How kubectl and the Kubernetes provider get into a cluster: each call's token comes from `aws eks get-token`. */
export function kubeconfig(cluster: Aws.eks.Cluster, region: string): Output<string> {
  return interpolate`${cluster.name}\n${cluster.endpoint}\n${cluster.certificateAuthority.data}`.apply((lines) => {
    const [name = "", server = "", authority = ""] = lines.split("\n");
    return JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name, cluster: { server, "certificate-authority-data": authority } }],
      contexts: [{ name, context: { cluster: name, user: name } }],
      "current-context": name,
      users: [{ name, user: { exec: token(name, region) } }],
    });
  });
}

function token(cluster: string, region: string) {
  return {
    apiVersion: "client.authentication.k8s.io/v1beta1",
    command: "aws",
    args: ["eks", "get-token", "--region", region, "--cluster-name", cluster, "--output", "json"],
    interactiveMode: "Never",
  };
}
