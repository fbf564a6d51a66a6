import { setTimeout as pause } from "node:timers/promises";
import { DevflowError } from "../../components/error.ts";
import type { Io } from "../commands/command.ts";
import type { PlatformApi } from "../platform-api.ts";
import { during } from "../terminal/spinner.ts";
import type { Run, Source } from "./input.ts";

/** Milliseconds between two looks. */
const every = 400;

/**
 * Waits until a source is read, and shows how far it is. Ctrl-C ends the waiting, not the reading.
 *
 * @throws DevflowError COMMAND_FAILED when it could not be read, with the platform's own reason
 */
export async function untilRead(io: Io, api: PlatformApi, source: Source): Promise<Source> {
  let now = source;
  const work = async () => {
    while (underWay(now.run)) {
      await pause(every, undefined, { signal: io.signal }).catch(() => {
        throw new DevflowError("INTERRUPTED", `${source.name} goes on being read.`, {
          hint: "`./devflow knowledge sources` shows how far it is.",
          docs: "knowledge",
        });
      });
      now = await api.call<Source>("GET", `/api/knowledge/sources/${source.id}`);
    }
  };
  if (!io.json && !io.terminal) io.err(`Reading ${source.name} …\n`);
  await during(io, () => progress(now), work());
  const { run } = now;
  if (run?.state === "failed" || run?.state === "cancelled") {
    throw new DevflowError("COMMAND_FAILED", `${now.name} was not read: ${run.note ?? `it was ${run.state}.`}`, {
      hint: "`./devflow knowledge sources` lists it; the dashboard reads it again.",
      docs: "knowledge",
    });
  }
  return now;
}

/**
 * What became of a source that was read, in a line.
 *
 * @param files how many were just given, and how many of them could not be read: those that come while others are read
 * join them, but what comes a moment later is a reading of its own, and the last one's counts are not those of all
 */
export function summary({ name, pages, waiting, run }: Source, files?: { given: number; failed: number }): string {
  const later = waiting > 0 ? ` ${waiting} passages wait for their vectors; words find them already.` : "";
  const counts = files ? countsOf(files) : run ? countsOfRun(run) : "0 read";
  const note = files ? undefined : run?.note;
  return `${name}: ${pages} ${pages === 1 ? "page" : "pages"} (${counts}).${note ? ` ${note}` : ""}${later}`;
}

function countsOf({ given, failed }: { given: number; failed: number }): string {
  return `${given - failed} of ${given} ${given === 1 ? "file" : "files"} read${failed > 0 ? `, ${failed} failed` : ""}`;
}

function countsOfRun({ read, unchanged, skipped, failed }: Run): string {
  const parts = [
    `${read} read`,
    unchanged > 0 && `${unchanged} unchanged`,
    skipped > 0 && `${skipped} left out`,
    failed > 0 && `${failed} failed`,
  ];
  return parts.filter(Boolean).join(", ");
}

export function underWay(run: Run | null): boolean {
  return run?.state === "waiting" || run?.state === "running";
}

function progress({ name, run }: Source): string {
  if (!run || run.state === "waiting") return `${name}: waiting`;
  const done = run.read + run.unchanged + run.skipped + run.failed;
  return `${name}: ${done} of ${run.found}${run.failed > 0 ? `, ${run.failed} failed` : ""}`;
}
