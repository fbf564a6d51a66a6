import type { Goal } from "../engine/index.ts";
import { isRecord, isSecret, type Json, type Properties } from "../engine/values.ts";
import { assumed } from "./assumed.ts";
import { type Effect, effects } from "./effects.ts";

/** What `up` would do to one resource, and for how long that is felt. */
export interface Change {
  change: "create" | "update" | "replace" | "same" | "unknown";
  /** Empty when nobody notices. */
  downtime: string;
}

export type Stored = ReadonlyMap<string, Properties> | undefined;

/**
 * Compares what is declared with what was last carried out.
 * @param stored inputs as they were last carried out, by URN; undefined when nobody knows
 */
export function changesOf(goals: Goal[], stored: Stored): (goal: Goal) => Change {
  const byUrn = new Map(goals.map((goal) => [goal.urn, goal]));
  return changeOf;

  function changeOf(goal: Goal): Change {
    if (!stored) return { change: "unknown", downtime: "" };
    const before = stored.get(goal.urn);
    if (!before) return { change: "create", downtime: "" };
    const effect = effects[goal.type];
    const changed = changedKeys(goal, before, effect);
    if (changed.length === 0) return { change: "same", downtime: "" };
    const replaces = effect?.replaces?.some((key) => key === "*" || changed.includes(key)) ?? false;
    return { change: replaces ? "replace" : "update", downtime: effect?.downtime(goal.inputs, changed) ?? "" };
  }

  function changedKeys(goal: Goal, before: Properties, effect: Effect | undefined): string[] {
    const { inputs, ignoreChanges } = goal;
    const keys = [...new Set([...Object.keys(inputs), ...Object.keys(before)])];
    return keys.filter((key) => {
      if (key.startsWith("__") || ignoreChanges.includes(key)) return false;
      const sources = goal.propertyDependencies[key] ?? [];
      if (sources.length === 0 || effect?.known) return differs(inputs[key], before[key]);
      // The value is another resource's, and only the engine knows it; it is another one when that resource is.
      return effect?.follows?.includes(key) === true && sources.some(isAnother);
    });
  }

  function isAnother(urn: string): boolean {
    const source = byUrn.get(urn);
    return source?.custom === true && changeOf(source).change !== "same";
  }
}

/** What of the state is no longer declared, and so is deleted. */
export function removed(goals: Goal[], stored: Stored): string[] {
  const declared = new Set(goals.map(({ urn }) => urn));
  return [...(stored?.keys() ?? [])].filter((urn) => !declared.has(urn) && !/::pulumi:(pulumi|providers):/.test(urn));
}

/**
 * What an engine would really do, in place of what was concluded from the program and the last state.
 * @param operations by URN, as a preview of the engine has them
 */
export function settled<Told extends Change & { urn: string }>(
  rows: Told[],
  operations: ReadonlyMap<string, string>,
): Told[] {
  return rows.map((row) => {
    const operation = operations.get(row.urn);
    if (operation === undefined || !isChange(operation) || operation === row.change) return row;
    const felt = operation === "same" || operation === "create" ? "" : row.downtime;
    return { ...row, change: operation, downtime: felt };
  });
}

function isChange(operation: string): operation is Change["change"] {
  return ["create", "update", "replace", "same"].includes(operation);
}

/** A secret in a state is encrypted, so whether it changed cannot be seen; what was assumed must not look like a change. */
function differs(now: Json | undefined, then: Json | undefined): boolean {
  if (now === then || (now !== undefined && isSecret(now)) || (then !== undefined && isSecret(then))) return false;
  if (typeof now === "string" && assumed(now)) return false;
  if (Array.isArray(now) && Array.isArray(then)) {
    return now.length !== then.length || now.some((one, index) => differs(one, then[index]));
  }
  if (isRecord(now) && isRecord(then)) {
    return [...new Set([...Object.keys(now), ...Object.keys(then)])].some((key) => differs(now[key], then[key]));
  }
  return true;
}
