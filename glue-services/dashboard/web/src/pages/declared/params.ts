/**
 * The parts of an address that a declared path leaves open; undefined when it is not of that path.
 *
 * @example paramsAt("/notes/$id", "/notes/7") → { id: "7" }
 */
export function paramsAt(path: string, pathname: string): Record<string, string> | undefined {
  const [wanted, given] = [path, pathname].map((text) => text.replace(/\/$/, "").split("/"));
  if (!wanted || wanted.length !== given?.length) return undefined;
  const fits = wanted.every((part, at) => (part.startsWith("$") ? given[at] !== "" : part === given[at]));
  if (!fits) return undefined;
  const open = wanted.flatMap((part, at) => (part.startsWith("$") ? [[part.slice(1), given[at] ?? ""] as const] : []));
  return Object.fromEntries(open.map(([name, value]) => [name, decoded(value)]));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
