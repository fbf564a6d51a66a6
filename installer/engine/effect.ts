import { DevflowError } from "../../components/error.ts";
import type { Context } from "../../components/provider/provider.ts";
import type { Step } from "./events.ts";
import { interruption, type Run, tell } from "./run.ts";
import { urnName } from "./urn.ts";

/** How long an effect may take to stop (milliseconds) once the second interrupt has come. */
const grace = 3000;

/**
 * Runs the work of a step when one of the parallel slots is free and the run is not interrupted.
 *
 * @throws `interruption` when it was not started.
 */
export function inSlot<Result>(run: Run, work: () => Promise<Result>): Promise<Result> {
  return run.limit(() => {
    if (run.signal.aborted || run.hardSignal.aborted) throw interruption;
    return work();
  });
}

export function started(run: Run, step: Step): void {
  step.status = "running";
  tell(run, { kind: "started", step: structuredClone(step) });
}

/**
 * One call of a provider: with its context, its time limit, and an end even if it does not heed the interrupt.
 *
 * @param timeout milliseconds.
 */
export async function call<Result>(
  run: Run,
  urn: string,
  timeout: number | undefined,
  work: (context: Context) => Result | Promise<Result>,
): Promise<Result> {
  const late = timeout === undefined ? undefined : AbortSignal.timeout(timeout);
  const signal = late ? AbortSignal.any([run.hardSignal, late]) : run.hardSignal;
  const cleanup = new AbortController();
  try {
    const endings = [run.hardSignal, ...(late ? [late] : [])].map((one) => giveUp(one, urn, timeout, cleanup.signal));
    return await Promise.race([Promise.resolve(work(contextOf(run, urn, signal))), ...endings]);
  } finally {
    cleanup.abort();
  }
}

export function contextOf(run: Run, urn: string, signal: AbortSignal): Context {
  const name = urnName(urn);
  return {
    host: run.host,
    urn,
    name,
    signal,
    report(progress) {
      const { note } = progress;
      const clean = { ...progress, ...(note === undefined ? {} : { note: run.secrets.text(note) }) };
      tell(run, { kind: "progress", urn, name, progress: clean });
    },
  };
}

// --- internal ---

/** Rejects some time after the signal; stays pending when the work ends before. */
function giveUp(signal: AbortSignal, urn: string, timeout: number | undefined, over: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stopped = () => {
      const timer = setTimeout(() => reject(endedBy(signal, urn, timeout)), grace);
      over.addEventListener("abort", () => clearTimeout(timer), { once: true });
    };
    if (signal.aborted) stopped();
    else signal.addEventListener("abort", stopped, { once: true, signal: over });
  });
}

function endedBy(signal: AbortSignal, urn: string, timeout: number | undefined): Error {
  if (signal.reason instanceof Error && signal.reason.name === "TimeoutError") {
    return new DevflowError("COMPONENT_FAILED", `${urnName(urn)} took longer than ${timeout} ms.`, {
      hint: "Run the same command again: it goes on from here.",
    });
  }
  return new Error("did not stop when told to");
}
