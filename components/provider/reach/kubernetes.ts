import { executeIn } from "../kubernetes/exec.ts";
import { forward } from "../kubernetes/forward.ts";
import type { Execution } from "./index.ts";
import type { Endpoint, Reach, Way } from "./reach.ts";

type By = Extract<Reach, { kind: "kubernetes" }>;

/** Pods are on a network of their own: the way leads through the cluster's API to a ready pod of the workload. */
export function open(reach: By, { port }: Endpoint, signal: AbortSignal): Promise<Way> {
  return forward(reach, port, signal);
}

/** Runs a program in a ready pod of the workload. */
export function execute(reach: By, execution: Execution): Promise<string> {
  return executeIn(reach, execution);
}
