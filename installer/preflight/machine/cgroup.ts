import { join } from "node:path";
import type { Facts } from "../facts.ts";

type Reader = Pick<Facts, "readFile" | "proc" | "cgroup">;

/** The tightest limit of the control groups this process is in, and what the group uses of it. Units as the file's. */
export interface GroupLimit {
  limit: number;
  used: number;
  /** The file that says so. */
  file: string;
}

/** Bytes. Page cache that can be dropped does not count as used. */
export async function memoryLimit(facts: Reader): Promise<GroupLimit | undefined> {
  return tightest(
    [
      ...(await read(facts, "memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")),
      ...(await read(facts, "", "memory.max", "memory.current", "inactive_file")),
    ].filter(({ limit }) => limit < 2 ** 60),
  );
}

/** Processes and threads. */
export async function processLimit(facts: Reader): Promise<GroupLimit | undefined> {
  return tightest([
    ...(await read(facts, "pids", "pids.max", "pids.current")),
    ...(await read(facts, "", "pids.max", "pids.current")),
  ]);
}

/** Processors that the group may use, as a fraction; undefined without a limit. */
export async function processorLimit(facts: Reader): Promise<number | undefined> {
  const quotas: number[] = [];
  for (const folder of await folders(facts, "")) {
    const [quota, period] = ((await facts.readFile(join(folder, "cpu.max"))) ?? "max").trim().split(" ").map(Number);
    if (quota && period) quotas.push(quota / period);
  }
  for (const folder of await folders(facts, "cpu")) {
    const quota = Number((await facts.readFile(join(folder, "cpu.cfs_quota_us"))) ?? -1);
    const period = Number((await facts.readFile(join(folder, "cpu.cfs_period_us"))) ?? 0);
    if (quota > 0 && period > 0) quotas.push(quota / period);
  }
  return quotas.length > 0 ? Math.min(...quotas) : undefined;
}

function tightest(limits: GroupLimit[]): GroupLimit | undefined {
  return limits.sort((a, b) => a.limit - a.used - (b.limit - b.used))[0];
}

async function read(facts: Reader, controller: string, max: string, current: string, reclaimable?: string) {
  const found: GroupLimit[] = [];
  for (const folder of await folders(facts, controller)) {
    const limit = Number((await facts.readFile(join(folder, max)))?.trim());
    const used = Number((await facts.readFile(join(folder, current)))?.trim());
    if (!Number.isFinite(limit) || !Number.isFinite(used)) continue;
    const statistics = reclaimable ? ((await facts.readFile(join(folder, "memory.stat"))) ?? "") : "";
    const cache = Number(new RegExp(`^${reclaimable} (\\d+)$`, "m").exec(statistics)?.[1] ?? 0);
    found.push({ limit, used: Math.max(0, used - cache), file: join(folder, max) });
  }
  return found;
}

/**
 * Folders of this process's group and of all its parents, whose limits hold as well. `controller` names a hierarchy of
 * version 1 and is empty for version 2. Inside a container the path may be the host's and lead nowhere here; then the
 * root of the hierarchy, which is the container's own group, is all that is left.
 */
async function folders(facts: Reader, controller: string): Promise<string[]> {
  const lines = ((await facts.readFile(join(facts.proc, "self", "cgroup"))) ?? "").split("\n");
  const own = lines
    .map((line) => line.split(":"))
    .find(([, controllers]) => (controller ? controllers?.split(",").includes(controller) : controllers === ""));
  if (!own) return [];
  const parts = own.slice(2).join(":").split("/").filter(Boolean);
  return parts
    .map((_, depth) => join(facts.cgroup, controller, ...parts.slice(0, depth + 1)))
    .concat(join(facts.cgroup, controller));
}
