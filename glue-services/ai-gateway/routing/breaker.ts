/** Keeps calls away from what just failed again and again, and lets one through now and then to see. */
export interface Breaker {
  /** Whether a call may be tried. The one that tries after a pause must end in `ok` or `bad`. */
  allows(id: string, now?: number): boolean;
  ok(id: string): void;
  bad(id: string, now?: number): void;
  /** Those that are open, for metrics. */
  open(now?: number): string[];
}

interface State {
  failures: number;
  openUntil: number;
  trying: boolean;
}

/** Failures in a row that open it; milliseconds of the first pause and of the longest. */
const rules = { failures: 5, pause: 5000, longest: 60_000 };

export function breaker(): Breaker {
  const states = new Map<string, State>();
  return {
    allows(id, now = Date.now()) {
      const state = states.get(id);
      if (!state || state.failures < rules.failures) return true;
      if (now < state.openUntil || state.trying) return false;
      state.trying = true;
      return true;
    },
    ok(id) {
      if (states.size > 0) states.delete(id);
    },
    bad(id, now = Date.now()) {
      const state = states.get(id) ?? { failures: 0, openUntil: 0, trying: false };
      state.failures++;
      state.trying = false;
      const times = state.failures - rules.failures;
      if (times >= 0) state.openUntil = now + Math.min(rules.longest, rules.pause * 2 ** times);
      states.set(id, state);
    },
    open: (now = Date.now()) => [...states].filter(([, state]) => state.openUntil > now).map(([id]) => id),
  };
}
