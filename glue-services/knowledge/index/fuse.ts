import type { Scored } from "./index.ts";

/** How much the first places count more than the later ones: Cormack, Clarke, Büttcher (SIGIR 2009) use 60. */
const k = 60;

/**
 * Reciprocal rank fusion: 1 / (k + rank), summed over the lists that have a chunk. Ranks can be added; distances and
 * scores of full text cannot, they have no common scale.
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
  return [...scored.values()].sort((a, b) => b.score - a.score || (a.chunk < b.chunk ? -1 : 1)).slice(0, limit);
}
