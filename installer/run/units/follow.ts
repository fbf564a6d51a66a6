import { setTimeout as pause } from "node:timers/promises";
import { DevflowError } from "../../../components/error.ts";
import { chosenLogs, type Named } from "../log-sources.ts";
import type { Units } from "./unit.ts";

export interface Wanted {
  chosen: Named[];
  /** Names that were asked for, by which those that come later are found; none: all. */
  wanted: string[];
  last: number;
  follow: boolean;
  signal: AbortSignal;
}

/** How often is looked for new ones while following. */
const lookEvery = 3000;

/**
 * Shows the last lines of each and, with `follow`, what they add: across restarts of a container, and of pods that come
 * while it is shown. An error of one is given to `onError` and does not end the others unless it throws.
 */
export async function showUnits(
  units: Units,
  { chosen, wanted, last, follow, signal }: Wanted,
  show: (unit: Named, line: string) => void,
  onError: (error: Error, unit: Named) => void,
): Promise<void> {
  if (!follow) {
    // One after the other, as the files of processes are shown.
    for (const unit of chosen) await shown(unit, false);
    return;
  }
  const followed = new Map<string, Promise<void>>();
  const begin = (unit: Named) => {
    if (!followed.has(unit.name)) followed.set(unit.name, shown(unit, true));
  };
  chosen.forEach(begin);
  // An error of any ends it all, if it was thrown.
  let failed: unknown;
  for (const one of followed.values()) one.catch((error) => (failed ??= error));
  while (!signal.aborted && failed === undefined) {
    await pause(lookEvery, undefined, { signal }).catch(() => {});
    if (!signal.aborted) for (const unit of await present()) begin(unit);
  }
  if (failed !== undefined) throw failed;
  await Promise.allSettled(followed.values());

  async function shown(unit: Named, goOn: boolean): Promise<void> {
    let since: string | undefined;
    do {
      try {
        const from = since === undefined ? {} : { since };
        for await (const { time, text } of units.lines(unit.name, { last, follow: goOn, signal, ...from })) {
          since = time || since;
          show(unit, text);
        }
      } catch (error) {
        if (signal.aborted) return;
        if (!isRefusal(error)) throw error;
        if (since === undefined || !goOn) onError(error, unit);
      }
      if (!goOn) return;
      // It has ended; it may be started again, with the same name.
      await pause(lookEvery, undefined, { signal }).catch(() => {});
    } while (!signal.aborted && (await present()).some(({ name }) => name === unit.name));
    followed.delete(unit.name);
  }

  async function present(): Promise<Named[]> {
    try {
      return chosenLogs(await units.list(), wanted);
    } catch (error) {
      // None of them is there now, or the engine does not answer for a moment.
      if (isRefusal(error)) return [];
      throw error;
    }
  }
}

/** What an engine said, and no mistake of ours. */
function isRefusal(error: unknown): error is Error {
  return error instanceof DevflowError || (error instanceof Error && error.name === "EngineRefusal");
}
