/**
 * A connection that is kept for what a server says by itself, as long as somebody listens. Transitions are pure;
 * `links.ts` does what they ask for.
 *
 *     connecting --connected--> open --lost--> connecting (again)
 *         |  ^
 *       failed  due
 *         v  |
 *       waiting                 any --closed--> closed
 *
 * Whoever listens may have missed something whenever it is open but not for the first time at once: its lists are then told
 * to have changed.
 */
export type LinkState =
  | { readonly is: "connecting"; readonly failures: number; readonly missed: boolean }
  | { readonly is: "open" }
  /** The server is away. */
  | { readonly is: "waiting"; readonly failures: number }
  | { readonly is: "closed" };

export type LinkEvent = "connected" | "failed" | "lost" | "due" | "closed";

export type LinkEffect =
  | { is: "connect" }
  /** Send `due` after so many milliseconds. */
  | { is: "wait"; ms: number }
  /** Listeners may have missed something. */
  | { is: "missed" };

export const begun: LinkState = { is: "connecting", failures: 0, missed: false };

export function step(state: LinkState, event: LinkEvent): [LinkState, LinkEffect[]] {
  if (state.is === "closed") return [state, []];
  if (event === "closed") return [{ is: "closed" }, []];
  switch (state.is) {
    case "connecting":
      if (event === "connected") return [{ is: "open" }, state.missed ? [{ is: "missed" }] : []];
      if (event !== "failed") return [state, []];
      return [{ is: "waiting", failures: state.failures + 1 }, [{ is: "wait", ms: pause(state.failures) }]];
    case "open":
      return event === "lost" ? [{ is: "connecting", failures: 0, missed: true }, [{ is: "connect" }]] : [state, []];
    case "waiting":
      if (event !== "due") return [state, []];
      return [{ is: "connecting", failures: state.failures, missed: true }, [{ is: "connect" }]];
  }
}

/** Milliseconds until a server that is away is tried again: 1, 2, 4 … 60 seconds. */
function pause(failures: number): number {
  return Math.min(60_000, 1000 * 2 ** Math.min(failures, 10));
}
