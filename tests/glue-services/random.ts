import { wholeNumbers } from "../seeded.ts";

/** Choices that look random and are the same in each run. */
export interface Random {
  /** From 0 on, below the limit. */
  below(limit: number): number;
  pick<Item>(items: ArrayLike<Item>): Item;
}

export function seeded(seed: number): Random {
  const below = wholeNumbers(seed);
  return { below, pick: (items) => items[below(items.length)] as never };
}
