import { isUnavailable } from "./database/unavailable.ts";

/** What was read from the database, known until it is told that something changed. */
export interface Remembered<Value> {
  /** At once when it is known, so that a call in the hot path need not wait a turn. */
  get(id: string): Value | Promise<Value>;
  /** Everything is asked again before it is used next; while the database is away the former answer holds. */
  doubt(): void;
}

interface Entry<Value> {
  value: Value;
  since: number;
  doubted: boolean;
}

/** Milliseconds after which it is asked again even when nothing was told: a notification may have been lost. */
const longest = 30_000;
/** Entries at most; then it begins anew. */
const most = 20_000;

/** @param load answers undefined for what does not exist, which is not kept: guesses must not fill the memory */
export function remember<Value>(load: (id: string) => Promise<Value | undefined>): Remembered<Value | undefined> {
  const known = new Map<string, Entry<Value>>();
  const asking = new Map<string, Promise<Value | undefined>>();
  return {
    get(id) {
      const entry = known.get(id);
      if (entry && !entry.doubted && performance.now() - entry.since < longest) return entry.value;
      return asking.get(id) ?? ask(id, entry);
    },
    doubt() {
      for (const entry of known.values()) entry.doubted = true;
      // What is being read now may have been read before the change.
      asking.clear();
    },
  };

  function ask(id: string, former: Entry<Value> | undefined): Promise<Value | undefined> {
    const asked: Promise<Value | undefined> = load(id)
      .then(
        (value) => {
          if (asking.get(id) !== asked) return value;
          if (known.size >= most) known.clear();
          if (value === undefined) known.delete(id);
          else known.set(id, { value, since: performance.now(), doubted: false });
          return value;
        },
        (error: unknown) => {
          if (former && isUnavailable(error)) return former.value;
          throw error;
        },
      )
      .finally(() => {
        if (asking.get(id) === asked) asking.delete(id);
      });
    asking.set(id, asked);
    return asked;
  }
}
