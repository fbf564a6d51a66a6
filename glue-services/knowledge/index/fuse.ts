import type { Scored } from "./index.ts";

/** A chunk that one of the lists found, and its score there: the greater the better, on the list's own scale. */
export interface Match {
  chunk: string;
  score: number;
}

export interface Lists {
  /** By words; scores from 0. */
  words: readonly Match[];
  /** By meaning; scores are cosine similarities. */
  vector: readonly Match[];
  /** Similarity of texts that have nothing to do with each other, as far as it is known. */
  unrelated?: number | undefined;
}

/** Share of the words in the score; meaning has the rest. At one half, the best by words never stands behind the best by meaning alone. */
const share = 0.5;

/**
 * Convex combination of both scores, each brought to 0 to 1 (Bruch, Gai, Ingber: An Analysis of Fusion Functions for
 * Hybrid Retrieval, 2023): words by the best of their list, meaning from what has nothing to do with the question to the
 * nearest. Ranks alone would hide by how much the first is better than the second. Of two that come out equal the one
 * with the word comes first: what has a rare word is what was asked for, what is near may be near to anything.
 *
 * @param lists the best first
 */
export function fuse({ words, vector, unrelated }: Lists, limit: number): Scored[] {
  const scored = new Map<string, Scored>();
  const add = (by: "words" | "vector", list: readonly Match[], from: number, part: number) => {
    const width = (list[0]?.score ?? 0) - from;
    for (const [at, { chunk, score }] of list.entries()) {
      const before = scored.get(chunk) ?? { chunk, score: 0 };
      const own = width > 0 ? Math.max(0, (score - from) / width) : 1;
      const near = by === "vector" && { similarity: score };
      scored.set(chunk, { ...before, ...near, score: before.score + part * own, [by]: at + 1 });
    }
  };
  add("words", words, 0, share);
  add("vector", vector, Math.min(unrelated ?? 1, vector.at(-1)?.score ?? 1), 1 - share);
  const place = ({ words: at = Number.POSITIVE_INFINITY }: Scored) => at;
  return [...scored.values()]
    .sort((a, b) => b.score - a.score || (place(a) < place(b) ? -1 : place(a) > place(b) ? 1 : 0))
    .slice(0, limit);
}
