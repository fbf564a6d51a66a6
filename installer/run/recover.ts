import { setTimeout as pause } from "node:timers/promises";
import { DevflowError } from "../../components/error.ts";
import type { Place } from "../stack.ts";
import { lookAt } from "./look.ts";
import type { StackStatus } from "./status.ts";

/** Milliseconds within which processes that were started by somebody else (the supervisor after a crash) must be ready. */
const patience = 60_000;

/**
 * Waits for a stack in which nothing has to be changed until everything serves.
 * @throws DevflowError COMPONENT_FAILED with reason, last lines and log of the first that does not.
 */
export async function everythingReady(
  place: Pick<Place, "name" | "paths" | "workloads">,
  signal: AbortSignal,
): Promise<StackStatus> {
  for (const until = performance.now() + patience; ; await pause(250, undefined, { signal })) {
    const status = await lookAt(place);
    if (status.state === "ready") return status;
    const hopeless = status.components.some(({ state }) => state === "failed" || state === "stopped");
    if (hopeless || performance.now() > until) throw trouble(status);
  }
}

function trouble({ components }: StackStatus): DevflowError {
  const found = components.find(({ state }) => state === "failed") ?? components.find(({ state }) => state !== "ready");
  const process = found?.processes.find(({ state }) => state !== "ready");
  const lines = (process?.lastLines ?? []).map((line) => `\n  ${line}`).join("");
  return new DevflowError(
    "COMPONENT_FAILED",
    `${found?.name} is ${found?.state}: ${found?.reason ?? "no reason known"}.${lines}`,
    {
      hint: `Read \`./devflow logs ${found?.name}\`${process ? ` (${process.log})` : ""}, then \`./devflow restart ${found?.name}\`.`,
    },
  );
}
