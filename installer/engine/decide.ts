import { isDeepStrictEqual } from "node:util";
import type { ProviderTable } from "../../components/provider/provider.ts";
import { type Change, changes } from "./diff.ts";
import type { Operation } from "./events.ts";
import { overlaps, parsePath } from "./path.ts";
import type { Resource } from "./resource.ts";
import { hasUnknown, type Json, type Properties, reveal } from "./values.ts";

export type Provider = ProviderTable[string];

/** All that the decision about one resource depends on. */
export interface Situation {
  inputs: Properties;
  replacementTrigger: Json | undefined;
  /** Paths of the option `replaceOnChanges`. */
  replaceOnChanges: readonly string[];
  deleteBeforeReplace: boolean | undefined;
  provider: Provider;
  old: Resource | undefined;
  /** It was read, and is not there. */
  gone: boolean;
  /** The last run ended in the middle of this. */
  interrupted: "updating" | "deleting" | undefined;
  /** Inputs that come from a resource which has to be deleted before it is replaced. */
  mustReplace: readonly string[] | undefined;
}

export interface Decision {
  op: Exclude<Operation, "delete" | "read">;
  diff: Change[];
  replaceKeys: string[];
  /** replace: the old one goes before the new one comes. */
  deleteFirst: boolean;
}

/** What has to be done. Preview and up both come here, so that a plan is what will happen. */
export function decide(situation: Situation): Decision {
  const { inputs, old, provider, gone, interrupted, mustReplace } = situation;
  const diff = changes(old?.inputs ?? {}, inputs);
  const deleteFirst = situation.deleteBeforeReplace ?? provider.deleteBeforeReplace ?? false;
  const decided = (op: Decision["op"], replaceKeys: string[] = []) => ({ op, diff, replaceKeys, deleteFirst });
  if (old === undefined) return decided("create");
  // It may be half deleted, even if it looks gone: only deleting it to the end gives a known state to go on from.
  if (interrupted === "deleting") return { ...decided("replace"), deleteFirst: true };
  if (mustReplace) return decided("replace", [...mustReplace]);
  if (gone) return decided("create");
  const keys = replaceKeys(diff, provider, situation.replaceOnChanges);
  if (triggered(old.replacementTrigger, situation.replacementTrigger)) keys.push("replacementTrigger");
  if (keys.length > 0) return decided("replace", keys);
  if (diff.length === 0 && interrupted !== "updating") return decided("same");
  return provider.update ? decided("update") : decided("replace", [...new Set(diff.map(topKey))]);
}

/** Those of the changed inputs that cannot be changed in place. */
export function replaceKeys(diff: Change[], provider: Provider, replaceOnChanges: readonly string[]): string[] {
  const patterns = [...(provider.replaceOn ?? []).map((key) => [key]), ...replaceOnChanges.map(parsePath)];
  const hits = diff.filter(({ path }) => patterns.some((pattern) => overlaps(parsePath(path), pattern)));
  return [...new Set(hits.map(topKey))];
}

/** Inputs of `resource` that come from one of `roots` and would force its replacement, if they change. */
export function forcedBy(resource: Resource, roots: ReadonlySet<string>, provider: Provider): string[] {
  const keys = Object.entries(resource.propertyDependencies)
    .filter(([, urns]) => urns.some((urn) => roots.has(urn)))
    .map(([key]) => key);
  if (!provider.update) return keys;
  const forcing = new Set<string>(provider.replaceOn ?? []);
  for (const path of resource.replaceOnChanges ?? []) forcing.add(String(parsePath(path)[0]));
  return keys.filter((key) => forcing.has(key) || forcing.has("*"));
}

// --- internal ---

function topKey({ path }: Pick<Change, "path">): string {
  return String(parsePath(path)[0]);
}

function triggered(before: Json | undefined, now: Json | undefined): boolean {
  if (before === undefined || now === undefined) return false;
  return hasUnknown(now) || !isDeepStrictEqual(reveal(before), reveal(now));
}
