import { type Static, Type } from "typebox";
import { formatPath, type Segment } from "./path.ts";
import { isRecord, isSecret, type Json, mask, maskedSecret, type Properties } from "./values.ts";

/** One changed property. Values are as people may see them: secrets and unknowns are words. */
export const Change = Type.Object({
  path: Type.String(),
  kind: Type.Union([Type.Literal("add"), Type.Literal("update"), Type.Literal("delete")]),
  before: Type.Optional(Type.Unknown()),
  after: Type.Optional(Type.Unknown()),
});
export type Change = Static<typeof Change>;

/**
 * What differs between two sets of properties, compared by value: whether a value is secret is no difference. An
 * unknown value differs from every known one, since a plan must not promise what it cannot know.
 */
export function changes(before: Properties, after: Properties): Change[] {
  return compare(before, after, [], false).sort((a, b) => (a.path < b.path ? -1 : 1));
}

// --- internal ---

function compare(before: Json | undefined, after: Json | undefined, at: Segment[], hidden: boolean): Change[] {
  if (isSecret(before)) return compare(before.value, after, at, true);
  if (isSecret(after)) return compare(before, after.value, at, true);
  if (before === after) return [];
  if (isRecord(before) && isRecord(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) => compare(before[key], after[key], [...at, key], hidden));
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    const length = Math.max(before.length, after.length);
    return Array.from({ length }).flatMap((_, i) => compare(before[i], after[i], [...at, i], hidden));
  }
  const show = (value: Json) => (hidden ? maskedSecret : mask(value));
  return [
    {
      path: formatPath(at),
      kind: before === undefined ? "add" : after === undefined ? "delete" : "update",
      ...(before === undefined ? {} : { before: show(before) }),
      ...(after === undefined ? {} : { after: show(after) }),
    },
  ];
}
