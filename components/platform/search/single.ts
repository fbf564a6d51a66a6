import { type ComponentResource, interpolate } from "@pulumi/pulumi";
import { upstream } from "../../catalogue/index.ts";
import { child } from "../../component.ts";
import { workloadHost } from "../../primitives/workload/host.ts";
import { Workload } from "../../primitives/workload/index.ts";
import { VespaApplication } from "../../provider/wiring.ts";
import { applicationPackage } from "./package.ts";
import type { VespaArgs, VespaOutputs } from "./vespa.ts";

/** One node, which is config server, container and content node at once. */
export function singleNode(name: string, { memory }: VespaArgs, parent: ComponentResource): VespaOutputs {
  const { ports } = upstream("vespa");
  const node = new Workload(
    name,
    {
      program: { upstream: "vespa" },
      data: true,
      losable: "it is filled again from the database",
      env: () => ({
        // Both share the node with what searches.
        VESPA_CONFIGSERVER_JVMARGS: "-Xms128m -Xmx384m",
        VESPA_CONFIGPROXY_JVMARGS: "-Xms32m -Xmx128m",
      }),
      ports: { query: ports.query as number, config: ports.config as number, metrics: ports.metrics as number },
      // First gate: the config server. The port for queries answers only when an application was deployed.
      health: { http: "/state/v1/health", port: "config" },
      startTimeout: 300_000,
      stop: { signal: "SIGTERM", deadline: 120_000 },
      memory,
      limits: { memory: Math.ceil(memory * 1.25), cpu: 4000 },
    },
    { parent },
  );
  const { host, reach } = node.outputs;
  // Second: the application is deployed. Third: it answers; only then the address is known.
  const application = child(
    VespaApplication,
    name,
    {
      config: { url: interpolate`http://${host}:${node.outputs.ports.config}`, reach, component: name },
      query: { url: interpolate`http://${host}:${node.outputs.ports.query}`, reach, component: name },
      files: applicationPackage(),
    },
    parent,
    undefined,
    { dependsOn: node },
  );
  return { url: application.url, nodes: [workloadHost(name)] };
}
