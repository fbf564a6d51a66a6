import type { StackPaths } from "../../components/provider/paths.ts";
import { sweep } from "./end.ts";
import { type Marked, markedProcesses } from "./marker.ts";
import { family, type Identity, identify, isAlive, processTable } from "./process-table.ts";
import { type ProcessRecord, readRecords } from "./records.ts";
import { adoptProcess, type Running } from "./start-process.ts";

/** A recorded process, and the living one if there is one. */
export interface Found {
  record: ProcessRecord;
  running: Running | undefined;
}

/**
 * Compares the records with what lives. A process is the recorded one when number and start time agree; one that was
 * started but not yet written down is known by its marker. Whatever else carries a marker of this stack (leftovers of a
 * dead process, probes, processes without a record) is ended here, so that nothing ever runs twice.
 */
export async function findRunning(paths: StackPaths, stack: string, log: (line: string) => void): Promise<Found[]> {
  const records = readRecords(paths, (file) => log(`${file} is damaged and was set aside`));
  const marked = await markedProcesses(stack);
  const found: Found[] = [];
  for (const record of records) {
    const main = await mainProcess(record, marked);
    found.push({ record, running: main && adoptProcess(main) });
    if (main) log(`${record.spec.name}: adopts process ${main.pid}`);
  }
  const rows = await processTable();
  const adopted = new Set(
    found.flatMap(({ running }) => (running ? family(rows, running.main) : [])).map(({ pid }) => pid),
  );
  const strays = [...marked.filter(({ pid }) => !adopted.has(pid)), ...leftovers(found)];
  for (const stray of strays) {
    if (isAlive(stray)) log(`ends process ${stray.pid}, a leftover`);
    await sweep({ main: stray, known: [] });
  }
  for (const { record, running } of found) if (!running) delete record.main;
  return found;
}

async function mainProcess({ spec, main }: ProcessRecord, marked: Marked[]): Promise<Identity | undefined> {
  if (main) {
    const now = await identify(main.pid);
    if (now?.start === main.start) return main;
  }
  const rows = await processTable();
  const leaders = marked.filter(
    ({ label, pid }) => label === spec.name && rows.some((row) => row.pid === pid && row.group === pid),
  );
  // Several would be a mess that a start from scratch clears up.
  const [leader] = leaders;
  return leaders.length === 1 && leader ? { pid: leader.pid, start: leader.start } : undefined;
}

/** Groups of dead main processes: their members may have lost the marker by rewriting their environment. */
function leftovers(found: Found[]): Identity[] {
  return found.flatMap(({ record, running }) => (record.main && !running ? [record.main] : []));
}
