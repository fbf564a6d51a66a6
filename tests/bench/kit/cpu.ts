import { readdirSync, readFileSync } from "node:fs";

/** Seconds of processor time that this process, and a server with all its children, have used. Linux only. */
export function cpuSeconds(server: number): { host: number; server: number } {
  const { user, system } = process.cpuUsage();
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const used = pids.map((pid) => ofProcess(Number(pid), server)).reduce((sum, seconds) => sum + seconds, 0);
  return { host: (user + system) / 1e6, server: used };
}

/** Fields 4 (parent) and 14 to 17 (own time and that of ended children) of proc(5)'s stat, in hundredths of a second. */
function ofProcess(pid: number, server: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (pid !== server && Number(fields[1]) !== server) return 0;
    const counted = pid === server ? fields.slice(11, 15) : fields.slice(11, 13);
    return counted.reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
  } catch {
    return 0;
  }
}
