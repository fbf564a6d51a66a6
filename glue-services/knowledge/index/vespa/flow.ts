import { setTimeout as wait } from "node:timers/promises";

/** Operations at once: at first, at least, at most. */
const [first, least, most] = [8, 1, 64];

/** Lets as many operations through at once as the other side bears. */
export interface Flow {
  /** `crowded` of the answer: there were too many. */
  pass<Answer extends { crowded: boolean }>(operation: () => Promise<Answer>): Promise<Answer>;
  /** Waits before the next attempt, longer each time and by chance. */
  pause(attempt: number, signal?: AbortSignal): Promise<void>;
  readonly wide: number;
}

/** One more at once for each window that went well, half as many when the other side says so: as TCP does it. */
export function openFlow(): Flow {
  let wide = first;
  let running = 0;
  let well = 0;
  const waiting: (() => void)[] = [];

  return {
    get wide() {
      return wide;
    },
    async pass(operation) {
      if (running < wide) running++;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        const answer = await operation();
        if (answer.crowded) shrink();
        else grow();
        return answer;
      } catch (error) {
        shrink();
        throw error;
      } finally {
        running--;
        for (; waiting.length > 0 && running < wide; running++) waiting.shift()?.();
      }
    },
    async pause(attempt, signal) {
      const longest = Math.min(5000, 100 * 2 ** attempt);
      await wait(longest * (0.5 + Math.random() / 2), undefined, signal ? { signal } : {});
    },
  };

  function grow(): void {
    if (++well < wide) return;
    well = 0;
    wide = Math.min(most, wide + 1);
  }

  function shrink(): void {
    well = 0;
    wide = Math.max(least, Math.floor(wide / 2));
  }
}
