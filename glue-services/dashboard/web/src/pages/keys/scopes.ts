import type { Scope } from "../../api/queries.ts";

/** Patterns of scopes that people give, in words. */
const patterns: Record<string, string> = {
  "*:read": "Read everything you may read",
  "*:write": "Write everything you may write",
  "*": "Everything you may do",
};

export interface ScopeGroup {
  group: string;
  scopes: { name: string; lets: string }[];
}

/** What a key may be given: the patterns, then what each service declares. */
export function scopeGroups(known: readonly Scope[]): ScopeGroup[] {
  const declared = Map.groupBy(
    known.flatMap(({ name, lets, service }) =>
      lets !== undefined && service !== undefined ? [{ name, lets, service }] : [],
    ),
    ({ service }) => service,
  );
  return [
    { group: "Everything", scopes: Object.entries(patterns).map(([name, lets]) => ({ name, lets })) },
    ...[...declared].map(([group, scopes]) => ({ group, scopes })),
  ];
}

/** In words; a pattern that has none, as it is. */
export function scopeWords(known: readonly Scope[], scope: string): string {
  return patterns[scope] ?? known.find(({ name }) => name === scope)?.lets ?? scope;
}
