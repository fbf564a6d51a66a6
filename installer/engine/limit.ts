/** Runs at most `slots` pieces of work at a time, the others in the order in which they came. */
export type Limit = <Result>(work: () => Promise<Result>) => Promise<Result>;

export function createLimit(slots: number): Limit {
  let free = slots;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  };
}
