import { join } from "node:path";
import type { Check, CheckInput, Finding } from "../check.ts";
import { processLimit } from "../machine/cgroup.ts";

/** A proxy, a database and a Git server under load; below the second number they do not even start. */
const files = { good: 4096, floor: 256 };
/** Threads count as processes: Go programs and PostgreSQL have dozens each. */
const processes = { good: 512, floor: 128 };

export const limits: Check = {
  name: "limits",
  title: "Open files and processes",
  why: "Programs that may not open another file or start another process fail under load, with errors that hide the cause.",
  async run(input, signal) {
    const { facts } = input;
    const own = await ownLimits(input, signal);
    const group = await processLimit(facts);
    const left = Math.min(own.processes, group ? group.limit - group.used : Number.POSITIVE_INFINITY);
    const data = { openFiles: own.files, processesLeft: Number.isFinite(left) ? left : undefined };
    const few = lacking("open files", own.files, files, "ulimit -n 65536", data);
    if (few) return few;
    const cause = group && left === group.limit - group.used ? `Raise ${group.file}` : "ulimit -u 4096";
    return (
      lacking("more processes", left, processes, cause, data) ?? {
        status: "ok",
        result: `${words(own.files)} open files, ${words(left)} processes`,
        data,
      }
    );
  },
};

function lacking(
  what: string,
  count: number,
  { good, floor }: typeof files,
  fix: string,
  data: Finding["data"],
): Finding | undefined {
  if (count >= good) return undefined;
  const result = `only ${count} ${what} allowed, ${good} are advised`;
  return { status: count < floor ? "fail" : "warn", result, fix, data };
}

/**
 * Node raises its soft limit of open files to the hard one when it starts and hands that on to its children, so the
 * hard limit is what counts.
 */
async function ownLimits({ facts }: CheckInput, signal: AbortSignal): Promise<{ files: number; processes: number }> {
  const table = await facts.readFile(join(facts.proc, "self", "limits"));
  if (table !== undefined) {
    // Root is not held to the number of processes.
    const processes = facts.uid === 0 ? Number.POSITIVE_INFINITY : hard(table, "Max processes");
    return { files: hard(table, "Max open files"), processes };
  }
  const { stdout } = await facts.exec(["sh", "-c", "ulimit -Hn; ulimit -Hu"], signal);
  const [openFiles = "", started = ""] = stdout.split("\n");
  return { files: number(openFiles), processes: number(started) };
}

function hard(table: string, name: string): number {
  return number(new RegExp(`^${name}\\s+\\S+\\s+(\\S+)`, "m").exec(table)?.[1] ?? "");
}

function number(text: string): number {
  return /^\d+$/.test(text.trim()) ? Number(text) : Number.POSITIVE_INFINITY;
}

function words(count: number): string {
  return Number.isFinite(count) ? String(count) : "any number of";
}
