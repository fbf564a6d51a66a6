/**
 * Keeps calls away from what failed again and again, and lets one through now and then to see.
 *
 *              5 failures in a row            pause over, a call comes
 *     closed ----------------------> open ----------------------------> half-open
 *        ^                            ^  ^                                |  |  |
 *        |                            |  |         probe failed:          |  |  |
 *        |                            |  +--------- a longer pause -------+  |  |
 *        |                            +-- probe ended otherwise, or is ------+  |
 *        |                                 overdue: the next call probes        |
 *        +------------------------------- probe succeeded ----------------------+
 *
 * Circuits are an organisation's own, also those of the platform's providers. Whether a provider fails can depend on what
 * it is sent: a body that makes a server stumble, a route whose times are too short. Were failures counted for all
 * together, one organisation could shut a model for every other; so each learns by itself, at the price of five failures.
 */
export interface Breaker {
  /** Lets a call through; undefined while the circuit is open. The pass must be disposed of, whatever becomes of the call. */
  enter(id: string, now?: number): Pass | undefined;
  /** Circuits that are not closed, for metrics. */
  open(): string[];
}

/** One call's way through a circuit. Disposed of without a verdict it says nothing of the provider, and a probe is over. */
export interface Pass extends Disposable {
  succeeded(): void;
  failed(now?: number): void;
}

export type Circuit =
  | { is: "closed"; failures: number }
  | { is: "open"; failures: number; until: number }
  /** One call probes; when it is overdue another one may. */
  | { is: "half-open"; failures: number; probe: number; overdue: number };

export type CircuitEvent =
  /** A call asks to be let through; `call` is its number. */
  | { is: "entered"; call: number; now: number }
  | { is: "succeeded"; call: number }
  | { is: "failed"; call: number; now: number }
  /** It ended in a way that says nothing of the provider. */
  | { is: "left"; call: number; now: number };

/** Failures in a row that open it; milliseconds of the first pause, the longest one, and until a probe is overdue. */
export const rules = { failures: 5, pause: 5000, longest: 60_000, probe: 30_000 };

export const closed: Circuit = { is: "closed", failures: 0 };

/** Whether a call that comes now is let through. */
export function admits(circuit: Circuit, now: number): boolean {
  if (circuit.is === "closed") return true;
  return now >= (circuit.is === "open" ? circuit.until : circuit.overdue);
}

/** What follows from an event. Calls that began before the circuit opened have no say in it any more. */
export function step(circuit: Circuit, event: CircuitEvent): Circuit {
  switch (event.is) {
    case "entered":
      if (circuit.is === "closed" || !admits(circuit, event.now)) return circuit;
      return { is: "half-open", failures: circuit.failures, probe: event.call, overdue: event.now + rules.probe };
    case "succeeded":
      return circuit.is === "closed" || isProbe(circuit, event.call) ? closed : circuit;
    case "failed":
      return circuit.is === "closed" || isProbe(circuit, event.call) ? counted(circuit, event.now) : circuit;
    case "left":
      return isProbe(circuit, event.call) ? { is: "open", failures: circuit.failures, until: event.now } : circuit;
  }
}

function isProbe(circuit: Circuit, call: number): boolean {
  return circuit.is === "half-open" && circuit.probe === call;
}

function counted({ failures: before }: Circuit, now: number): Circuit {
  const failures = before + 1;
  if (failures < rules.failures) return { is: "closed", failures };
  const pause = Math.min(rules.longest, rules.pause * 2 ** Math.min(30, failures - rules.failures));
  return { is: "open", failures, until: now + pause };
}

/** Circuits that are kept: the one that changed longest ago is forgotten, which closes it. */
const most = 10_000;

export function breaker(): Breaker {
  /** Those that are not as new. */
  const circuits = new Map<string, Circuit>();
  let calls = 0;
  return {
    enter(id, now = Date.now()) {
      const call = ++calls;
      const circuit = circuits.get(id);
      if (circuit) {
        if (!admits(circuit, now)) return undefined;
        take(id, { is: "entered", call, now });
      }
      return pass(id, call);
    },
    open: () => [...circuits].filter(([, { is }]) => is !== "closed").map(([id]) => id),
  };

  function pass(id: string, call: number): Pass {
    let over = false;
    return {
      succeeded() {
        over = true;
        if (circuits.size > 0) take(id, { is: "succeeded", call });
      },
      failed(now = Date.now()) {
        over = true;
        take(id, { is: "failed", call, now });
      },
      [Symbol.dispose]() {
        if (!over && circuits.size > 0) take(id, { is: "left", call, now: Date.now() });
      },
    };
  }

  function take(id: string, event: CircuitEvent): void {
    const before = circuits.get(id) ?? closed;
    const after = step(before, event);
    if (after === before) return;
    circuits.delete(id);
    if (after === closed) return;
    if (circuits.size >= most) circuits.delete(circuits.keys().next().value as string);
    circuits.set(id, after);
  }
}
