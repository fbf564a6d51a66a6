import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { promisify } from "node:util";

/**
 * A process for certain: `start` is its start time and the boot it belongs to (`<start>@<boot>`), so that a number that
 * was given out again is never taken for the process that had it before.
 */
export interface Identity {
  pid: number;
  start: string;
}

/**
 * One row of the operating system's process table. `state` is the letter that `ps` shows, `cpu` seconds of processor
 * time, `rss` bytes where `ps` told.
 */
export interface Row extends Identity {
  parent: number;
  group: number;
  session: number;
  state: string;
  zombie: boolean;
  cpu: number;
  rss?: number;
}

/** Every process this user may see. */
export async function processTable(): Promise<Row[]> {
  return process.platform === "linux" ? linuxTable() : await psTable();
}

/** What this very process does now; undefined when it is gone. */
export async function lookAt({ pid, start }: Identity): Promise<Row | undefined> {
  const row = process.platform === "linux" ? linuxRow(pid) : (await psTable(["-p", String(pid)]))[0];
  return row && !row.zombie && row.start === start ? row : undefined;
}

/** The process that has this number now; undefined when there is none, or only its zombie unless that will do. */
export async function identify(pid: number, options = { zombie: false }): Promise<Identity | undefined> {
  const row = process.platform === "linux" ? linuxRow(pid) : (await psTable(["-p", String(pid)]))[0];
  return row && (options.zombie || !row.zombie) ? { pid, start: row.start } : undefined;
}

/**
 * Cheap enough to be asked twice a second. macOS has no cheap way to the start time, so there it only says that the
 * number is in use; whoever sends a signal looks at the table first.
 */
export function isAlive({ pid, start }: Identity): boolean {
  if (process.platform === "linux") {
    const row = linuxRow(pid);
    return row !== undefined && !row.zombie && row.start === start;
  }
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/**
 * All living processes that `main` brought into the world: its group, its session, their descendants, and `known`
 * ones with theirs (PostgreSQL gives each of its processes a session of its own; once their parent is dead only having
 * seen them before tells whose they are).
 */
export function family(rows: Row[], main: Identity, known: Identity[] = []): Row[] {
  const byPid = new Map(rows.map((row) => [row.pid, row]));
  const children = Map.groupBy(rows, (row) => row.parent);
  const leader = byPid.get(main.pid);
  // While a group or session bears a number, the system gives it to no new process: with the leader gone the group is
  // still ours, with somebody else under the number nothing of ours is left.
  const numberIsOurs = leader ? leader.start === main.start : bootOf(rows[0]?.start) === bootOf(main.start);
  const members = new Set<Row>();
  const add = (row: Row | undefined): void => {
    if (!row || members.has(row) || row.pid === process.pid) return;
    members.add(row);
    for (const child of children.get(row.pid) ?? []) add(child);
  };
  if (numberIsOurs) {
    for (const row of rows) if ([row.pid, row.group, row.session].includes(main.pid)) add(row);
  }
  for (const { pid, start } of known) if (byPid.get(pid)?.start === start) add(byPid.get(pid));
  return [...members].filter((row) => !row.zombie);
}

/** Fields are those of proc_pid_stat(5); the name in parentheses may itself have spaces and parentheses. */
function linuxRow(pid: number): Row | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    return undefined;
  }
  const field = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const number = (index: number): number => Number(field[index]);
  return {
    pid,
    parent: number(1),
    group: number(2),
    session: number(3),
    state: field[0] ?? "",
    zombie: field[0] === "Z" || field[0] === "X",
    cpu: (number(11) + number(12)) / ticksPerSecond,
    start: `${field[19]}@${linuxBoot()}`,
  };
}

/** USER_HZ, which Linux fixes at 100 for everything it shows to programs. */
const ticksPerSecond = 100;

function linuxTable(): Row[] {
  return readdirSync("/proc").flatMap((entry) => (/^\d+$/.test(entry) ? (linuxRow(Number(entry)) ?? []) : []));
}

let boot: string | undefined;
function linuxBoot(): string {
  boot ??= readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
  return boot;
}

const run = promisify(execFile);

async function psTable(which: string[] = ["-A"]): Promise<Row[]> {
  boot ??= (await run("sysctl", ["-n", "kern.bootsessionuuid"])).stdout.trim();
  const columns = ["-o", "pid=,ppid=,pgid=,stat=,rss=,time=,lstart="];
  const listing = await run("ps", [...which, ...columns], {
    env: { PATH: process.env.PATH, LC_ALL: "C" },
    maxBuffer: 16 << 20,
  }).catch(() => ({ stdout: "" }));
  return parsePs(listing.stdout, boot);
}

/** Lines of `ps -o pid=,ppid=,pgid=,stat=,rss=,time=,lstart=`; macOS shows no session, so the group stands for it. */
export function parsePs(listing: string, bootId: string): Row[] {
  return listing.split("\n").flatMap((line) => {
    const [pid, parent, group, stat, kibibytes, time, ...start] = line.trim().split(/\s+/);
    if (!pid || !time || start.length === 0) return [];
    return {
      pid: Number(pid),
      parent: Number(parent),
      group: Number(group),
      session: Number(group),
      state: stat?.slice(0, 1) ?? "",
      zombie: stat?.startsWith("Z") ?? false,
      rss: Number(kibibytes) * 1024,
      cpu: seconds(time),
      start: `${start.join(" ")}@${bootId}`,
    };
  });
}

/** `1-02:03:04`, `02:03:04` or `3:04.56`. */
function seconds(time: string): number {
  const [days, clock] = time.includes("-") ? time.split("-") : ["0", time];
  return (clock ?? "0").split(":").reduce((sum, part) => sum * 60 + Number(part), 0) + Number(days) * 86_400;
}

function bootOf(start: string | undefined): string | undefined {
  return start?.slice(start.lastIndexOf("@"));
}
