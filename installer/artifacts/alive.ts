import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

/** When a process started, as a word that differs for another process with the same pid; "" when there is none. */
export async function startTime(pid: number): Promise<string> {
  if (process.platform === "linux") {
    // Field 22 of /proc/<pid>/stat; the second field may hold spaces and brackets, so count from its end.
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? "" : (fields[19] ?? "");
  }
  const { stdout } = await promisify(execFile)("ps", ["-o", "lstart=", "-p", String(pid)]).catch(() => ({
    stdout: "",
  }));
  return stdout.trim().replaceAll(/[^0-9A-Za-z]+/g, "-");
}

export async function isSameProcess(pid: number, started: string): Promise<boolean> {
  return Number.isInteger(pid) && pid > 0 && started !== "" && (await startTime(pid)) === started;
}
