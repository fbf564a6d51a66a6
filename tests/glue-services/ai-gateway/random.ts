import { seeded } from "../../seeded.ts";

/** Choices by a generator with a seed, so that a failure can be repeated. */
export interface Random {
  /** From 0 to below `below`. */
  below(below: number): number;
  one<Value>(values: readonly Value[]): Value;
  chance(probability: number): boolean;
}

export function randomOf(seed: number): Random {
  const next = seeded(seed);
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    below,
    one: (values) => values[below(values.length)] as (typeof values)[number],
    chance: (probability) => next() < probability,
  };
}
