import { distance } from "fastest-levenshtein";

/** The candidate a typo most likely meant; undefined when none is near. Case does not count. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const given = word.toLowerCase();
  // A slip in a short word is one letter; with two of four it is another word.
  const limit = given.length < 5 ? 1 : given.length < 8 ? 2 : 3;
  let best: { candidate: string; away: number } | undefined;
  for (const candidate of candidates) {
    const away = steps(given, candidate.toLowerCase());
    if (away <= limit && away < (best?.away ?? Number.POSITIVE_INFINITY)) best = { candidate, away };
  }
  return best?.candidate;
}

/** Two neighbours that changed places are one slip, not two. */
function steps(given: string, candidate: string): number {
  const at = [...given].findIndex((letter, index) => letter !== candidate[index]);
  const swapped = `${given.slice(0, at)}${given[at + 1] ?? ""}${given[at] ?? ""}${given.slice(at + 2)}`;
  return at >= 0 && swapped === candidate ? 1 : distance(given, candidate);
}
