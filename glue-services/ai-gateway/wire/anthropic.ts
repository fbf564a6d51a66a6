import type { Asked } from "./shape.ts";

/** Headers that Anthropic's API wants: its version, and what a client asks for beyond it, which fields of the body rely on. */
export function anthropicHeaders({ beta }: Pick<Asked, "beta">): Record<string, string> {
  return { "anthropic-version": "2023-06-01", ...(beta !== undefined && { "anthropic-beta": beta }) };
}

/** Names of features, with commas between them; undefined for what is none. */
export function betaOf(header: string | string[] | undefined): string | undefined {
  const names = [header ?? ""].flat().join(",").split(",");
  const known = names.map((name) => name.trim()).filter((name) => /^[\w.-]{1,100}$/.test(name));
  return known.length > 0 ? [...new Set(known)].slice(0, 50).join(",") : undefined;
}
