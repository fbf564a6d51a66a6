import { DevflowError } from "../../components/error.ts";
import type { Supervised } from "./supervised.ts";

type Known = ReadonlyMap<string, Supervised>;

/** What a process still waits for, in words; undefined when all its dependencies are ready. */
export function blockedBy(process: Supervised, known: Known): string | undefined {
  const missing = notReady(process, known).map((name) => `${name} (${known.get(name)?.state ?? "not known"})`);
  return missing.length > 0 ? `waits for ${missing.join(", ")}` : undefined;
}

/** What became of the dependencies of a process that runs, in words; undefined when all is well. */
export function trouble(process: Supervised, known: Known): string | undefined {
  const missing = notReady(process, known).map((name) => `${name} is ${known.get(name)?.state ?? "gone"}`);
  return missing.length > 0 ? `needs ${process.record.spec.after.join(", ")}: ${missing.join(", ")}` : undefined;
}

/** Why waiting for a process is no use, in words: its own verdict, or that of what it waits for. */
export function verdictOn(process: Supervised, known: Known, seen = new Set<string>()): string | undefined {
  if (process.verdict || process.state !== "waiting") return process.verdict;
  const { tryingSince = Number.POSITIVE_INFINITY } = process;
  const waitedEnough = performance.now() - tryingSince > process.record.spec.ready.startTimeout;
  for (const name of notReady(process, known)) {
    const dependency = known.get(name);
    // One that is not there may still be on its way.
    if (!dependency?.life && waitedEnough) return `it needs ${name}, which is not running`;
    if (!dependency || seen.has(name)) continue;
    const verdict = verdictOn(dependency, known, seen.add(name));
    if (verdict) return `it needs ${name}, which ${verdict}`;
  }
  return undefined;
}

/** Names in the order in which they may be stopped, in groups that may be stopped together. */
export function stopOrder(known: Known): string[][] {
  const left = new Map([...known].map(([name, { record }]) => [name, record.spec.after]));
  const groups: string[][] = [];
  while (left.size > 0) {
    const needed = new Set([...left.values()].flat());
    const free = [...left.keys()].filter((name) => !needed.has(name));
    const group = free.length > 0 ? free : [...left.keys()];
    for (const name of group) left.delete(name);
    groups.push(group);
  }
  return groups;
}

/** @throws DevflowError USAGE when a process with these dependencies would wait for itself. */
export function refuseCycle(name: string, after: string[], known: Known): void {
  const visit = (at: string, path: string[]): void => {
    if (at === name) {
      throw new DevflowError("USAGE", `${name} would wait for itself: ${[...path, at].join(" waits for ")}.`, {
        hint: "Take one of them out of `after`.",
      });
    }
    if (path.includes(at)) return;
    for (const next of known.get(at)?.record.spec.after ?? []) visit(next, [...path, at]);
  };
  for (const next of after) visit(next, [name]);
}

function notReady(process: Supervised, known: Known): string[] {
  return process.record.spec.after.filter((name) => known.get(name)?.state !== "ready");
}
