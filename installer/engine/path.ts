import { isRecord, isSecret, type Json, type Properties, secret } from "./values.ts";

/** A property path: `a.b[0].c`, `a["odd.key"]`; `*` stands for any key or index. */
export type Segment = string | number;

export function parsePath(path: string): Segment[] {
  const segments: Segment[] = [];
  for (const [, name, index, quoted] of path.matchAll(/([^.[\]]+)|\[(\d+|\*)\]|\["((?:[^"\\]|\\.)*)"\]/g)) {
    if (quoted !== undefined) segments.push(JSON.parse(`"${quoted}"`) as string);
    else if (index !== undefined) segments.push(index === "*" ? "*" : Number(index));
    else if (name !== undefined) segments.push(name);
  }
  return segments;
}

export function formatPath(segments: readonly Segment[]): string {
  return segments.map(format).join("").replace(/^\./, "");
}

/** True when the one covers the other: a change of `a` touches `a.b`, and a change of `a.b` lies within `a`. */
export function overlaps(path: readonly Segment[], pattern: readonly Segment[]): boolean {
  const common = Math.min(path.length, pattern.length);
  return pattern.slice(0, common).every((segment, at) => segment === "*" || String(segment) === String(path[at]));
}

/** The new inputs with everything at the given paths as it was in the old ones (the option `ignoreChanges`). */
export function withIgnored(inputs: Properties, old: Properties, paths: readonly string[]): Properties {
  return paths.reduce((result, path) => restore(result, old, parsePath(path)) as Properties, inputs);
}

// --- internal ---

function format(segment: Segment): string {
  if (typeof segment === "number") return `[${segment}]`;
  return /^[^.[\]"]+$/.test(segment) ? `.${segment}` : `[${JSON.stringify(segment)}]`;
}

function restore(now: Json | undefined, old: Json | undefined, [segment, ...rest]: Segment[]): Json | undefined {
  if (segment === undefined) return old;
  if (isSecret(now) || isSecret(old)) {
    const value = restore(bare(now), bare(old), [segment, ...rest]);
    return value === undefined ? undefined : secret(value);
  }
  if (segment === "*") {
    const keys = Array.isArray(now) ? [...now.keys()] : Object.keys(isRecord(now) ? now : {});
    return keys.reduce<Json | undefined>((result, key) => restore(result, old, [key, ...rest]), now);
  }
  if (Array.isArray(now) && typeof segment === "number") {
    if (segment >= now.length) return now;
    const value = restore(now[segment], Array.isArray(old) ? old[segment] : undefined, rest);
    return value === undefined ? now.toSpliced(segment, 1) : now.with(segment, value);
  }
  if (!isRecord(now)) return now;
  const { [segment]: current, ...others } = now;
  const value = restore(current, isRecord(old) ? old[segment] : undefined, rest);
  return value === undefined ? others : { ...now, [segment]: value };
}

function bare(value: Json | undefined): Json | undefined {
  return isSecret(value) ? value.value : value;
}
