/**
 * Names of a piece and their parts, for a search by either: `getUserById` is also found by user, `snake_case` by snake.
 * Ordinary words are left out, the language's own index has them.
 */
export function identifiersOf(text: string): string {
  const found = new Set<string>();
  for (const [name] of text.matchAll(/[\p{L}_$][\p{L}\p{N}_$]*(?:[.:/-]+[\p{L}\p{N}_$]+)*/gu)) {
    if (name.length > 80 || !/[\p{L}\p{N}][_.:/$-]|\p{Ll}\p{Lu}|\p{Lu}{2}|\p{L}\p{N}/u.test(name)) continue;
    const parts = name
      .split(/[^\p{L}\p{N}]+/u)
      .flatMap((part) => [part, ...part.split(/(?<=\p{Ll})(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/u)]);
    for (const part of [name, ...parts]) if (part.length > 1) found.add(part.toLowerCase());
    if (found.size > 400) break;
  }
  return [...found].join(" ");
}
