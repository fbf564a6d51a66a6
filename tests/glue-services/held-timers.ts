import { onTestFinished, vi } from "vitest";

/** The timers of one duration: they go off when the test says so, and not before. */
export interface HeldTimers {
  /** How many are set at present. */
  readonly waiting: number;
  goOff(): void;
}

/**
 * Holds the timers that are set for exactly this many milliseconds until the test ends; all others run as ever. So a test
 * shows what happens after a time without waiting for it, and on a busy machine nothing happens too early.
 */
export function holdTimers(ms: number): HeldTimers {
  const { setTimeout: set, clearTimeout: clear } = globalThis;
  const held = new Map<unknown, () => void>();
  const setting = (work: () => void, after?: number, ...more: []) => {
    const timer = set(work, after, ...more);
    if (after !== ms) return timer;
    clear(timer);
    held.set(timer, work);
    // One that is cleared runs again when it is refreshed.
    timer.refresh = () => timer;
    return timer;
  };
  const spies = [
    vi.spyOn(globalThis, "setTimeout").mockImplementation(setting as typeof setTimeout),
    vi.spyOn(globalThis, "clearTimeout").mockImplementation((timer) => void (held.delete(timer) || clear(timer))),
  ];
  onTestFinished(() => {
    for (const spy of spies) spy.mockRestore();
  });
  return {
    get waiting() {
      return held.size;
    },
    goOff() {
      for (const [timer, work] of held) {
        held.delete(timer);
        work();
      }
    },
  };
}
