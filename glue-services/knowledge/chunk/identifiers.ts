import { gramsOf } from "./grams.ts";
import { symbolsOf } from "./symbols.ts";

/** Raised whenever `searchTermsOf` answers otherwise than before: chunks of an older one are worked over in the background. */
export const termsVersion = 1;

/** What a chunk is found by beside the words of its language. @param language text search configuration of the text */
export function searchTermsOf(text: string, language: string): string {
  return [identifiersOf(text), ...symbolsOf(text, 300), ...gramsOf(text, language)].filter(Boolean).join(" ");
}

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
