import type { Scored } from "./index.ts";

/** How much the first places count more than the later ones: Cormack, Clarke, Büttcher (SIGIR 2009) use 60. */
const k = 60;

/**
 * Reciprocal rank fusion: 1 / (k + rank), summed over the lists that have a chunk. Ranks can be added; distances and
 * scores of full text cannot, they have no common scale. Of two that come out equal the one with the word comes first:
 * what has a rare word is what was asked for, what is near may be near to anything.
 *
 * @param lists ids, the best first
 */
export function fuse(lists: { words: readonly string[]; vector: readonly string[] }, limit: number): Scored[] {
  const scored = new Map<string, Scored>();
  for (const by of ["words", "vector"] as const) {
    for (const [at, chunk] of lists[by].entries()) {
      const before = scored.get(chunk) ?? { chunk, score: 0 };
      scored.set(chunk, { ...before, score: before.score + 1 / (k + at + 1), [by]: at + 1 });
    }
  }
  const place = ({ words = Number.POSITIVE_INFINITY }: Scored) => words;
  return [...scored.values()]
    .sort((a, b) => b.score - a.score || (place(a) < place(b) ? -1 : place(a) > place(b) ? 1 : 0))
    .slice(0, limit);
}
