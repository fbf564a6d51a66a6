import type { EngineEvent, RunResult } from "../engine/events.ts";
import type { Properties } from "../engine/values.ts";

/**
 * What carries out a stack's program: the embedded engine for `local`, Pulumi's own for every other kind. Both tell the
 * same events, so plan, progress, history and errors look the same wherever a stack runs.
 */
export interface StackEngine {
  /** @throws DevflowError LOCKED, STATE_CORRUPT, STATE_KEY, DISK_FULL; what fails of the program is in the result. */
  run(options: EngineRun): Promise<RunResult>;
  /** Inputs of what there is, by URN; secrets are masked or marked. */
  inputs(): Promise<Map<string, Properties>>;
}

export interface EngineRun {
  mode: "preview" | "up" | "destroy" | "refresh";
  /** Aborted by the first interrupt: nothing new is started. */
  signal: AbortSignal;
  /** Aborted by the second: what is under way is told to stop. */
  hardSignal?: AbortSignal;
  onEvent(event: EngineEvent): void;
}
