import { useSyncExternalStore } from "react";
import { absolute, relative } from "./relative.ts";

/** A time relative to now, with the absolute one in the viewer's zone on hover. */
export function Ago({ at, empty = "–" }: { at: string | number | null | undefined; empty?: string }) {
  const now = useNow();
  if (at === null || at === undefined) return <>{empty}</>;
  const date = new Date(at);
  return (
    <time dateTime={date.toISOString()} title={absolute(date)}>
      {relative(date.getTime(), now)}
    </time>
  );
}

/** One clock for all times on the page, so that they change together and cost one timer. */
const listeners = new Set<() => void>();
let present = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

export function useNow(): number {
  return useSyncExternalStore(subscribe, () => present);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  // It stood still while nobody looked.
  if (timer === undefined) present = Date.now();
  timer ??= setInterval(() => {
    present = Date.now();
    for (const one of listeners) one();
  }, 5000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}
