import { isUnavailable } from "./database/unavailable.ts";

/** What was read from the database, known until it is told that something changed. A database that hangs holds nobody up. */
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
/** Milliseconds after which an answer is too old to be used without asking. */
const oldest = 600_000;
/** Milliseconds that a call waits for what may have changed; then the former answer holds. */
const patience = 2000;
/** Entries at most; then it begins anew. */
const most = 20_000;

/** @param load answers undefined for what does not exist, which is not kept: guesses must not fill the memory */
export function remember<Value>(load: (id: string) => Promise<Value | undefined>): Remembered<Value | undefined> {
  const known = new Map<string, Entry<Value>>();
  const asking = new Map<string, Promise<Value | undefined>>();
  return {
    get(id) {
      const entry = known.get(id);
      if (!entry) return asking.get(id) ?? ask(id, undefined);
      const age = performance.now() - entry.since;
      if (entry.doubted || age >= oldest) return within(asking.get(id) ?? ask(id, entry), entry.value);
      // Nobody said that it changed: it is good enough until the database answers.
      if (age >= longest && !asking.has(id)) ask(id, entry).catch(() => {});
      return entry.value;
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

/** The answer, or the former one when it takes too long. */
async function within<Value>(answer: Promise<Value>, former: Value): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Value>((resolve) => {
    timer = setTimeout(resolve, patience, former);
  });
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
