import type { Settings } from "./config/index.ts";
import type { StackOutputs } from "./outputs.ts";
import { type Machine, platform } from "./platform.ts";

/** The embedded stack: native processes on one machine. */
export function local(settings: Settings, machine: Machine): StackOutputs {
  return platform(settings, { machine });
}
