import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { type ComponentResource, type ComponentResourceOptions, interpolate, type Output } from "@pulumi/pulumi";
import { upstream } from "../../catalogue/index.ts";
import { child, Product } from "../../component.ts";
import { workloadHost } from "../../primitives/workload/host.ts";
import { Workload } from "../../primitives/workload/index.ts";
import { VespaApplication } from "../../provider/wiring.ts";
import type { Signals } from "../signals.ts";

/** Full-text and vector search on one Vespa node, which is config server, container and content node at once. */
export interface VespaArgs {
  /** MiB it gets in all. */
  memory: number;
}

export interface VespaOutputs {
  /** Address for queries and for feeding; known when the application answers. */
  url: Output<string>;
}

export class Vespa extends Product<VespaArgs, VespaOutputs> {
  constructor(name: string, args: VespaArgs, options?: ComponentResourceOptions) {
    super("Vespa", compose, name, args, options);
  }
}

function compose(name: string, { memory }: VespaArgs, parent: ComponentResource): VespaOutputs {
  const { ports } = upstream("vespa");
  const node = new Workload(
    name,
    {
      program: { upstream: "vespa" },
      data: true,
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
  return { url: application.url };
}

/** The application package of this checkout: path in it to its text. */
export function applicationPackage(): Record<string, string> {
  const folder = fileURLToPath(new URL("../../../configs/vespa/", import.meta.url));
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
  return Object.fromEntries(files.sort().map((path) => [relative(folder, path), readFileSync(path, "utf8")]));
}

/** Where its queries and documents go to, known before it is made. */
export function searchUrl(name: string): string {
  return `http://${workloadHost(name)}:${upstream("vespa").ports.query}`;
}

export function searchSignals(name: string): Signals {
  const { metrics } = upstream("vespa").ports;
  return { metrics: { [name]: { address: `${workloadHost(name)}:${metrics}`, path: "/prometheus/v1/values" } } };
}
