import { useSyncExternalStore } from "react";

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

export function absolute(date: Date): string {
  return date.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "long" });
}

const units = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
] as const;
const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** "just now", "5 minutes ago", "in 3 days". */
export function relative(at: number, now: number): string {
  const seconds = (at - now) / 1000;
  if (Math.abs(seconds) < 10) return "just now";
  for (const [unit, size] of units) {
    if (Math.abs(seconds) >= size) return words.format(Math.round(seconds / size), unit);
  }
  return words.format(Math.trunc(seconds), "second");
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
