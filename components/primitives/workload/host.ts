import { Config } from "@pulumi/pulumi";
import type { Target } from "../../component.ts";
import { surroundings } from "../../surroundings.ts";
import { podsService } from "./members.ts";

/** Host name under which other workloads will reach the one of this name, before it is made. */
export function workloadHost(name: string): string {
  return target() === "local" ? "127.0.0.1" : name;
}

/**
 * Name that has the address of every process of a workload of which there can be several, for whoever asks each by itself;
 * undefined where there is one.
 */
export function everyHost(name: string): string | undefined {
  return inCluster() ? podsService(name) : undefined;
}

/** Most processes that a workload with `replicas: "several"` has at a time, those that are being replaced included. */
export function mostProcesses(): number {
  if (!inCluster()) return 1;
  return surroundings("kubernetes").scale.ha ? 3 : 2;
}

function inCluster(): boolean {
  return target() === "kubernetes" || target() === "aws";
}

function target(): Target {
  return new Config("devflow").require<Target>("target");
}
