import type { ErrorCode } from "../../components/error.ts";
import type { EngineEvent } from "../engine/events.ts";
import type { RunEvent } from "./event.ts";

const interrupted: ErrorCode = "INTERRUPTED";
/** Why a step was not done that another run will do. */
export const interruption = "the run was interrupted";

/** An event of the engine as a run keeps it; undefined for those that are not about a step. */
export function translated(event: EngineEvent, operationOf: (urn: string) => string): RunEvent | undefined {
  const at = Date.parse(event.at);
  switch (event.kind) {
    case "progress":
      return { at, state: "progress", urn: event.urn, operation: operationOf(event.urn), progress: event.progress };
    case "started":
    case "done":
      return { at, state: event.kind, urn: event.step.urn, operation: event.step.op };
    case "failed": {
      const { code, message, hint } = event.error;
      const { urn, op } = event.step;
      // Dropped by a second Ctrl-C: nothing is wrong with it, and the next run goes on with it.
      if (code === interrupted) return { at, state: "skipped", urn, operation: op, message: interruption };
      return { at, state: "failed", urn, operation: op, message, ...(hint !== undefined && { hint }) };
    }
    case "skipped": {
      const { urn, op, waitsFor } = event.step;
      const because = waitsFor === undefined ? {} : { because: waitsFor };
      return { at, state: "skipped", urn, operation: op, message: event.reason, ...because };
    }
    default:
      return undefined;
  }
}
