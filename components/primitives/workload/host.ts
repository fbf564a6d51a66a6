import { Config } from "@pulumi/pulumi";
import type { Target } from "../../component.ts";

/** Host name under which other workloads will reach the one of this name, before it is made. */
export function workloadHost(name: string): string {
  return new Config("devflow").require<Target>("target") === "local" ? "127.0.0.1" : name;
}
