import { readFile } from "node:fs/promises";

/** A runner's process, as it wrote it itself: `started` is the kernel's ticks at its start and the boot they count from. */
export interface Runner {
  pid: number;
  started?: string;
}

/** Whether that very process runs: after a reboot another may have its number, and a zombie does not run. */
export async function alive({ pid, started }: Runner): Promise<boolean> {
  if (process.platform !== "linux" || started === undefined) return answersSignals(pid);
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  if (stat === undefined) return false;
  // The name of the program, in parentheses, may itself hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => "");
  return fields[0] !== "Z" && fields[0] !== "X" && `${fields[19]}@${boot.trim()}` === started;
}

function answersSignals(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
