import type { ComponentResource } from "@pulumi/pulumi";
import { metadata, object } from "../../../primitives/kubernetes/object.ts";
import { callersOf } from "../../../primitives/kubernetes/policy.ts";
import { sdk } from "../../../sdk.ts";
import { surroundings } from "../../../surroundings.ts";
import type { ScrapeTarget } from "../../signals.ts";

/** Where each instance shows its own figures and those of its archive. */
const port = 9187;

/** A name with the address of every instance, for Prometheus, which alone may ask. */
export function measure(name: string, parent: ComponentResource): ScrapeTarget {
  const { core, networking } = sdk.kubernetes();
  const { places } = surroundings("kubernetes");
  const own = `${name}-measured`;
  const instances = { "cnpg.io/cluster": name, "cnpg.io/podRole": "instance" };
  const podSelector = { matchLabels: instances };
  places.set(own, [{ podSelector }]);
  object(
    core.v1.Service,
    own,
    {
      metadata: metadata(own, name, { "pulumi.com/skipAwait": "true" }),
      spec: {
        clusterIP: "None",
        publishNotReadyAddresses: true,
        selector: instances,
        ports: [{ name: "metrics", port }],
      },
    },
    parent,
  );
  const spec = { podSelector, policyTypes: ["Ingress"], ingress: callersOf(own) };
  object(networking.v1.NetworkPolicy, own, { metadata: metadata(own, name), spec }, parent);
  return { address: `${own}:${port}`, each: own };
}
