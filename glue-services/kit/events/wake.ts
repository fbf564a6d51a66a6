/**
 * Tells the dispatchers of this process that events were committed. It is a signal of the process, not a NOTIFY inside
 * each transaction: PostgreSQL commits transactions that notify one after the other, which would take the emitters'
 * throughput. Without a topic anything may be ready. A dispatcher passes the signal on to other hosts, and sweeps for what no signal told it of.
 */
export function wake(topic?: string): void {
  for (const listener of listeners) listener(topic);
}

/** @returns a function that stops listening */
export function onWake(listener: (topic?: string) => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

const listeners = new Set<(topic?: string) => void>();
