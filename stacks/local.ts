import type { Output } from "@pulumi/pulumi";
import type { Settings } from "./config/index.ts";
import { type Machine, platform } from "./platform.ts";

/** The embedded stack: native processes on one machine. */
export function local(settings: Settings, machine: Machine): Record<string, Output<unknown>> {
  return platform(settings, { machine });
}
