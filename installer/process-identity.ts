import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { type Static, Type } from "typebox";

/** A process that cannot be mistaken for a later one with the same number. */
export const ProcessIdentity = Type.Object({
  pid: Type.Integer({ minimum: 1 }),
  /** When it began, in words that are only ever compared. */
  started: Type.String(),
});
export type ProcessIdentity = Static<typeof ProcessIdentity>;

export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  const started = await processStart(pid);
  return started === undefined ? undefined : { pid, started };
}

/** True while that very process runs; a zombie does not. */
export async function alive({ pid, started }: ProcessIdentity): Promise<boolean> {
  return Number.isInteger(pid) && pid > 0 && (await processStart(pid)) === started;
}

/**
 * When a process began, as a word that differs for every process that ever had this pid on this machine; undefined when
 * there is none.
 */
export async function processStart(pid: number): Promise<string | undefined> {
  if (process.platform !== "linux") return psStart(pid);
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  if (stat === undefined) return undefined;
  // The name of the program, in parentheses, may itself hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, ticks] = [fields[0], fields[19]];
  if (state === "Z" || state === "X") return undefined;
  const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => "");
  return `${ticks}@${boot.trim()}`;
}

async function psStart(pid: number): Promise<string | undefined> {
  try {
    const options = { env: { ...process.env, LC_ALL: "C" } };
    const { stdout } = await promisify(execFile)("ps", ["-o", "lstart=", "-p", String(pid)], options);
    return stdout.trim().replaceAll(/[^0-9A-Za-z]+/g, "-") || undefined;
  } catch {
    return undefined;
  }
}
