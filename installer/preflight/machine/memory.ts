import { freemem, totalmem } from "node:os";
import { join } from "node:path";
import type { Facts } from "../facts.ts";
import { memoryLimit } from "./cgroup.ts";

/** Bytes. */
export interface Memory {
  total: number;
  /** What programs can take without swapping, page cache included. */
  available: number;
  swapFree: number;
  /** The control group's file that limits it below the machine's own memory. */
  limitedBy: string | undefined;
}

export async function memoryOf(facts: Facts, signal: AbortSignal): Promise<Memory> {
  const machine = facts.os === "darwin" ? await ofMac(facts, signal) : await ofLinux(facts);
  const group = await memoryLimit(facts);
  if (!group || group.limit >= machine.total) return { ...machine, limitedBy: undefined };
  return {
    total: group.limit,
    available: Math.max(0, Math.min(machine.available, group.limit - group.used)),
    swapFree: 0,
    limitedBy: group.file,
  };
}

async function ofLinux(facts: Facts): Promise<Omit<Memory, "limitedBy">> {
  const text = (await facts.readFile(join(facts.proc, "meminfo"))) ?? "";
  const bytes = (name: string) => {
    const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  };
  return {
    total: bytes("MemTotal") ?? totalmem(),
    available: bytes("MemAvailable") ?? freemem(),
    swapFree: bytes("SwapFree") ?? 0,
  };
}

/** macOS counts file cache as used, so free memory alone would be far too low; vm_stat tells the kinds apart. */
async function ofMac(facts: Facts, signal: AbortSignal): Promise<Omit<Memory, "limitedBy">> {
  const { stdout } = await facts.exec(["vm_stat"], signal);
  const page = Number(/page size of (\d+) bytes/.exec(stdout)?.[1] ?? 16384);
  const pages = (kind: string) => Number(new RegExp(`^Pages ${kind}:\\s+(\\d+)`, "m").exec(stdout)?.[1] ?? 0);
  const available = (pages("free") + pages("inactive") + pages("speculative") + pages("purgeable")) * page;
  return { total: totalmem(), available: available || freemem(), swapFree: 0 };
}
