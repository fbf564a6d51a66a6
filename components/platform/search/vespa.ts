import type { ComponentResourceOptions, Output } from "@pulumi/pulumi";
import { upstream } from "../../catalogue/index.ts";
import { Component, type Recipes } from "../../component.ts";
import { workloadHost } from "../../primitives/workload/host.ts";
import type { Signals } from "../signals.ts";
import { kubernetes } from "./kubernetes.ts";
import { singleNode } from "./single.ts";

/** Full-text and vector search: Vespa with the application package of configs/vespa, on one node or on many. */
export interface VespaArgs {
  /** MiB of a node that keeps documents, in all. */
  memory: number;
}

export interface VespaOutputs {
  /** Address for queries and for feeding; known when the application answers. */
  url: Output<string>;
  /** Host names of its nodes within the stack, each of which measures itself. */
  nodes: string[];
}

const recipes: Recipes<VespaArgs, VespaOutputs> = {
  local: singleNode,
  docker: singleNode,
  kubernetes,
  aws: kubernetes,
};

export class Vespa extends Component<VespaArgs, VespaOutputs> {
  constructor(name: string, args: VespaArgs, options?: ComponentResourceOptions) {
    super("product:Vespa", recipes, name, args, options);
  }
}

/** Where its queries and documents go to, known before it is made. */
export function searchUrl(name: string): string {
  return `http://${workloadHost(name)}:${upstream("vespa").ports.query}`;
}

export function searchSignals(nodes: readonly string[]): Signals {
  const { metrics } = upstream("vespa").ports;
  const targets = nodes.map((node) => [
    node.split(".")[0],
    { address: `${node}:${metrics}`, path: "/prometheus/v1/values" },
  ]);
  return { metrics: Object.fromEntries(targets) };
}
