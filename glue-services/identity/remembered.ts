import type { Identity } from "../kit/index.ts";

/** Milliseconds an identity is known without asking again. Notifications end it sooner; this bounds a lost one. */
const fresh = 1500;
/** Identities remembered at most. */
const most = 10_000;

type Looked = Promise<Identity | undefined>;

/** Identities that were just looked up, once for all requests that come within the time each stays fresh. */
export interface RememberedIdentities {
  /** @param id names what was presented, and whatever else the answer depends on */
  get(id: string, look: () => Looked): Looked;
  /** Forgets everyone. */
  forget(): void;
}

export function rememberIdentities(): RememberedIdentities {
  const known = new Map<string, { at: number; identity: Looked }>();
  return {
    get(id, look) {
      const found = known.get(id);
      if (found && performance.now() - found.at < fresh) return found.identity;
      if (known.size >= most) known.clear();
      const entry = { at: performance.now(), identity: look() };
      known.set(id, entry);
      const forget = () => void (known.get(id) === entry && known.delete(id));
      // Neither an invalid one nor a failure is kept: guesses must not fill the memory, and a key works as soon as it is made.
      entry.identity.then((identity) => identity ?? forget(), forget);
      return entry.identity;
    },
    forget: () => known.clear(),
  };
}
