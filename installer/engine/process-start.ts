import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { orMissing } from "./files.ts";

/**
 * When a process began, in words that differ for every process that ever had this pid on this machine; undefined when
 * there is none.
 */
export async function processStart(pid: number): Promise<string | undefined> {
  if (process.platform !== "linux") return psStart(pid);
  const stat = await orMissing(readFile(`/proc/${pid}/stat`, "utf8")).catch(() => undefined);
  if (stat === undefined) return undefined;
  // The name of the program, in parentheses, may itself hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, ticks] = [fields[0], fields[19]];
  if (state === "Z" || state === "X") return undefined;
  const boot = await orMissing(readFile("/proc/sys/kernel/random/boot_id", "utf8")).catch(() => undefined);
  return `${boot?.trim() ?? ""} ${ticks}`;
}

// --- internal ---

async function psStart(pid: number): Promise<string | undefined> {
  try {
    const options = { env: { ...process.env, LC_ALL: "C" } };
    const { stdout } = await promisify(execFile)("ps", ["-o", "lstart=", "-p", String(pid)], options);
    return stdout.trim() || undefined;
  } catch {
    return undefined;
  }
}
