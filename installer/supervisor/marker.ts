import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { promisify } from "node:util";
import { type Identity, identify } from "./process-table.ts";

/**
 * Environment variable that every process of a stack carries, `<stack>/<process>`. It finds a process that a supervisor
 * started and died before it could write down, and one that left its group and session.
 */
export const markerVariable = "DEVFLOW_PROCESS";

/** Names the stack: two stacks on one machine must never see each other's processes. */
export function stackMarker(root: string): string {
  return createHash("sha256").update(root).digest("hex").slice(0, 16);
}

/** A living process with a marker; `label` is what follows the stack in it: the process name, or `<name>/probe`. */
export interface Marked extends Identity {
  label: string;
}

/** Living processes of this stack, apart from this one. */
export async function markedProcesses(stack: string): Promise<Marked[]> {
  const found = process.platform === "linux" ? linuxLabels(stack) : await psLabels(stack);
  const marked: Marked[] = [];
  for (const [pid, label] of found) {
    const identity = pid === process.pid ? undefined : await identify(pid);
    if (identity) marked.push({ ...identity, label });
  }
  return marked;
}

function linuxLabels(stack: string): [pid: number, label: string][] {
  const pattern = `${markerVariable}=${stack}/`;
  return readdirSync("/proc").flatMap((entry): [number, string][] => {
    if (!/^\d+$/.test(entry)) return [];
    let environment: string;
    try {
      environment = readFileSync(`/proc/${entry}/environ`, "latin1");
    } catch {
      return []; // Gone meanwhile, or another user's.
    }
    const at = `\0${environment}`.indexOf(`\0${pattern}`);
    if (at < 0) return [];
    return [[Number(entry), environment.slice(at + pattern.length).split("\0", 1)[0] ?? ""]];
  });
}

async function psLabels(stack: string): Promise<[pid: number, label: string][]> {
  const listing = await promisify(execFile)("ps", ["-A", "-E", "-ww", "-o", "pid=,command="], { maxBuffer: 64 << 20 });
  return parsePsEnvironment(listing.stdout, stack);
}

/** Lines of `ps -E -o pid=,command=`: the environment follows the arguments, separated by spaces. */
export function parsePsEnvironment(listing: string, stack: string): [pid: number, label: string][] {
  const pattern = new RegExp(`^\\s*(\\d+) .*\\s${markerVariable}=${stack}/(\\S+)`);
  return listing.split("\n").flatMap((line): [number, string][] => {
    const match = pattern.exec(line);
    return match ? [[Number(match[1]), match[2] ?? ""]] : [];
  });
}
