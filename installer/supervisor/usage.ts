import { readFileSync } from "node:fs";
import { family, type Identity, processTable, type Row } from "./process-table.ts";

/** Resident memory in bytes, processor use in percent of one core, number of processes; undefined when not to be had. */
export interface Usage {
  rss: number | undefined;
  cpu: number | undefined;
  processes: number;
}

/** What was measured of one process and its family, and what the next measurement starts from. Times in milliseconds. */
export interface Measurement {
  usage: Usage;
  at: number;
  /** Seconds of processor time so far, by process. */
  cpu: Map<string, number>;
  members: Identity[];
}

/** A measurement answers for this long (milliseconds), so that many askers cost no more than one. */
const fresh = 1_000;

/**
 * Measures a process with its family. Processor use is that since `before`; without one there is none yet.
 *
 * PostgreSQL's processes share most of their memory, so the sum of their resident sets would count it many times: the
 * proportional set size is taken where the system shows it.
 *
 * @param memory false skips the memory, which is what costs.
 */
export async function measure(
  main: Identity,
  before: Measurement | undefined,
  options: { memory: boolean },
): Promise<Measurement> {
  const now = performance.now();
  const recent = before && now - before.at < fresh ? before : undefined;
  if (recent && (recent.usage.rss !== undefined || !options.memory)) return recent;
  const rows = family(await processTable(), main, before?.members);
  const rss = options.memory ? rows.reduce((sum, row) => sum + residentMemory(row), 0) : undefined;
  // Too short a time would say more about the clock's ticks than about the process.
  if (recent) return { ...recent, usage: { ...recent.usage, rss, processes: rows.length } };
  const cpu = new Map(rows.map((row) => [`${row.pid}/${row.start}`, row.cpu]));
  const used = [...cpu].reduce((sum, [key, seconds]) => sum + seconds - (before?.cpu.get(key) ?? 0), 0);
  const percent = before && (used * 100) / ((now - before.at) / 1000);
  return {
    usage: { rss, cpu: percent === undefined ? undefined : Math.round(percent * 10) / 10, processes: rows.length },
    at: now,
    cpu,
    members: rows.map(({ pid, start }) => ({ pid, start })),
  };
}

/** Where the measurements of a process that was started just now begin. */
export function nothingMeasured(): Measurement {
  const usage = { rss: undefined, cpu: undefined, processes: 1 };
  return { usage, at: performance.now(), cpu: new Map(), members: [] };
}

/** Bytes; 0 for a process that is gone. */
export function residentMemory({ pid, rss }: Pick<Row, "pid" | "rss">): number {
  if (rss !== undefined) return rss;
  return (
    kibibytes(`/proc/${pid}/smaps_rollup`, /^Pss:\s+(\d+)/m) ??
    kibibytes(`/proc/${pid}/status`, /^VmRSS:\s+(\d+)/m) ??
    0
  );
}

function kibibytes(file: string, pattern: RegExp): number | undefined {
  try {
    const match = pattern.exec(readFileSync(file, "latin1"));
    return match ? Number(match[1]) * 1024 : undefined;
  } catch {
    return undefined;
  }
}
