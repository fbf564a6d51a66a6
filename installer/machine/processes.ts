import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { setImmediate as turn } from "node:timers/promises";

// Reading /proc is memory work, so the synchronous calls are several times faster than the asynchronous ones; a turn
// of the event loop between processes keeps progress lines moving.

/** Pid of the process that has each socket (by inode) open. Other users' processes are seen by root only. */
export async function processesOfSockets(inodes: Set<string>, proc = "/proc"): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const pid of pids(proc)) {
    for (const target of openFiles(pid, proc)) {
      const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
      if (inode && inodes.has(inode) && !found.has(inode)) found.set(inode, pid);
    }
    if (found.size === inodes.size) break;
    await turn();
  }
  return found;
}

/** What the open files of a process point at: paths, `socket:[inode]`, `anon_inode:inotify`. */
export function openFiles(pid: number, proc = "/proc"): string[] {
  const folder = `${proc}/${pid}/fd`;
  return attempt(() => readdirSync(folder), []).map((fd) => attempt(() => readlinkSync(`${folder}/${fd}`), ""));
}

export function pids(proc = "/proc"): number[] {
  return attempt(() => readdirSync(proc), [])
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Name of the program a process runs; undefined when the process is gone. */
export async function describeProcess(pid: number, proc = "/proc"): Promise<string | undefined> {
  const line = await readFile(`${proc}/${pid}/cmdline`, "utf8").catch(() => "");
  const program = line.split("\0")[0]?.split(" ")[0];
  if (program) return basename(program).replace(/:$/, "");
  return (await readFile(`${proc}/${pid}/comm`, "utf8").catch(() => "")).trim() || undefined;
}

/** Environment of a process as pairs; empty when it may not be read. */
export function environmentOf(pid: number, proc = "/proc"): Record<string, string> {
  const text = attempt(() => readFileSync(`${proc}/${pid}/environ`, "utf8"), "");
  return Object.fromEntries(
    text
      .split("\0")
      .filter((entry) => entry.includes("="))
      .map((entry) => [entry.slice(0, entry.indexOf("=")), entry.slice(entry.indexOf("=") + 1)]),
  );
}

/** The processes given and all that descend from them. */
export function withDescendants(roots: number[], proc = "/proc"): number[] {
  const children = new Map<number, number[]>();
  for (const pid of pids(proc)) {
    const parent = parentOf(pid, proc);
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const family = new Set(roots);
  for (const pid of family) for (const child of children.get(pid) ?? []) family.add(child);
  return [...family];
}

/** Bytes of memory that a process has to itself; what it shares (PostgreSQL's buffers) is left out. */
export function ownMemory(pid: number, proc = "/proc"): number {
  const [, resident = 0, shared = 0] = attempt(() => readFileSync(`${proc}/${pid}/statm`, "utf8"), "")
    .split(" ")
    .map(Number);
  return (resident - shared) * 4096;
}

/** The name in /proc/<pid>/stat may hold spaces and brackets, so fields are counted after its last bracket. */
function parentOf(pid: number, proc: string): number | undefined {
  const text = attempt(() => readFileSync(`${proc}/${pid}/stat`, "utf8"), "");
  const parent = text.slice(text.lastIndexOf(")") + 2).split(" ")[1];
  return parent ? Number(parent) : undefined;
}

/** Processes end while they are looked at, and others' may not be looked at: both are an empty answer. */
function attempt<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
