import { distance } from "fastest-levenshtein";

/** The candidate a typo most likely meant; undefined when none is near. Case does not count. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const given = word.toLowerCase();
  const limit = given.length < 4 ? 1 : given.length < 8 ? 2 : 3;
  let best: { candidate: string; away: number } | undefined;
  for (const candidate of candidates) {
    const away = steps(given, candidate.toLowerCase());
    if (away <= limit && away < (best?.away ?? Number.POSITIVE_INFINITY)) best = { candidate, away };
  }
  return best?.candidate;
}

/** Two letters that changed places are one slip, not two. */
function steps(given: string, candidate: string): number {
  const letters = (word: string) => [...word].sort().join("");
  const away = distance(given, candidate);
  return away === 2 && letters(given) === letters(candidate) ? 1 : away;
}
