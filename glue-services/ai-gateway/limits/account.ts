/**
 * One budget in one period, as a process accounts for it. Transitions are pure; `ledger.ts` does what they ask for.
 *
 *     budget --lease--> free --reserve--> reserved --settle--> used (metered, which makes the lease smaller)
 *                        ^                   |
 *                        +---- not used -----+          free --return--> budget, when nobody needed it for a while
 *
 * At any time `free + reserved` is what the process leased and what calls did not use. Calls that find too little wait in
 * a queue for the question that is under way; there is one at a time, whether it takes a lease or returns one.
 */
export interface Account {
  /** Below zero when calls used more than they had reserved. */
  readonly free: number;
  readonly reserved: number;
  /** What the database had left beside all leases, when it was last asked. */
  readonly beyond: number;
  /** Handed out without a lease while the database is away, and what calls used since then. */
  readonly unleased: number;
  readonly usedSince: number;
  readonly queue: readonly Waiting[];
  /** A question to the database is under way. */
  readonly busy: boolean;
  /** Nothing is left; the database is not asked again before this moment. Milliseconds since 1970. */
  readonly emptyUntil: number;
}

/** A call that waits. */
export interface Waiting {
  call: number;
  amount: number;
}

export type AccountEvent =
  /** A call found too little. */
  | { is: "short"; call: number; amount: number; now: number }
  /** The database granted a lease, which may be nothing, and has so much left beside all leases. */
  | { is: "leased"; granted: number; remaining: number; now: number }
  /** There is no such budget any more; until the settings are read again it holds nobody up. */
  | { is: "gone" }
  | { is: "away"; now: number }
  /** A lease that was granted after the database had been taken for away. */
  | { is: "late"; granted: number }
  /** The question failed for another reason. */
  | { is: "failed" }
  /** What was handed out while the database was away is metered by now. */
  | { is: "metered" }
  | { is: "idle" }
  | { is: "returned" }
  | { is: "not-returned"; amount: number }
  /** The budget may have been raised, or something of it come free. */
  | { is: "doubted" };

export type Effect =
  /** Ask the database for so much. */
  | { is: "lease"; needed: number }
  | { is: "return"; amount: number }
  | { is: "served"; call: number }
  | { is: "refused"; call: number }
  | { is: "error"; call: number };

/** Milliseconds for which a budget that is used up is not asked about again. */
export const emptyFor = 250;

/** @param beyond what is taken for left until the database was asked */
export function openAccount(beyond: number): Account {
  return { free: 0, reserved: 0, beyond, unleased: 0, usedSince: 0, queue: [], busy: false, emptyUntil: 0 };
}

/** The account with this amount reserved; undefined when it has too little, or others wait for theirs. */
export function reserve(account: Account, amount: number): Account | undefined {
  if (account.free < amount || account.queue.length > 0) return undefined;
  return { ...account, free: account.free - amount, reserved: account.reserved + amount };
}

/** The account after a call that had reserved `amount` used `used` of it. */
export function settle(account: Account, amount: number, used: number): Account {
  const usedSince = account.unleased > 0 ? account.usedSince + used : account.usedSince;
  return { ...account, free: account.free + amount - used, reserved: account.reserved - amount, usedSince };
}

export function step(account: Account, event: AccountEvent): [Account, Effect[]] {
  switch (event.is) {
    case "short": {
      const { call, amount, now } = event;
      // What the database said a moment ago holds, unless it is being asked again.
      if (!account.busy && account.emptyUntil > now) return [account, [{ is: "refused", call }]];
      return asking({ ...account, queue: [...account.queue, { call, amount }] });
    }
    case "leased": {
      const { granted, remaining, now } = event;
      const free = account.free + granted;
      return serving({ ...account, free, beyond: remaining, busy: false }, remaining > 0 ? undefined : now);
    }
    case "away": {
      // What was left when it was last asked is handed out without a lease.
      const { beyond } = account;
      const taken = { free: account.free + beyond, unleased: account.unleased + beyond, beyond: 0 };
      return serving({ ...account, ...taken, busy: false }, event.now);
    }
    case "late":
      return [{ ...account, free: account.free + event.granted }, []];
    case "gone": {
      const free = Math.max(account.free, sumOf(account.queue));
      return serving({ ...account, free, busy: false }, undefined);
    }
    case "failed":
      return [{ ...account, queue: [], busy: false }, account.queue.map(({ call }) => ({ is: "error", call }))];
    case "metered": {
      const leftover = account.unleased > 0 ? account.unleased - account.usedSince : 0;
      return [{ ...account, free: account.free - leftover, unleased: 0, usedSince: 0 }, []];
    }
    case "idle": {
      const amount = Math.floor(account.free);
      if (account.busy || amount <= 0 || account.unleased > 0) return [account, []];
      return [{ ...account, free: account.free - amount, busy: true }, [{ is: "return", amount }]];
    }
    case "returned":
      return serving({ ...account, busy: false, emptyUntil: 0 }, undefined);
    case "not-returned":
      return serving({ ...account, free: account.free + event.amount, busy: false }, undefined);
    case "doubted":
      return [account.emptyUntil === 0 ? account : { ...account, emptyUntil: 0 }, []];
  }
}

/** Asks for all who wait in one question, unless one is under way. */
function asking(account: Account): [Account, Effect[]] {
  if (account.busy || account.queue.length === 0) return [account, []];
  return [{ ...account, busy: true }, [{ is: "lease", needed: needed(account) }]];
}

/**
 * What is there goes to those who wait, in their order.
 *
 * @param emptyAt the database has nothing more: whoever is not served by now is refused
 */
function serving(account: Account, emptyAt: number | undefined): [Account, Effect[]] {
  const effects: Effect[] = [];
  const queue: Waiting[] = [];
  let { free, reserved } = account;
  for (const waiting of account.queue) {
    const { call, amount } = waiting;
    if (free >= amount) {
      free -= amount;
      reserved += amount;
      effects.push({ is: "served", call });
    } else if (emptyAt === undefined) queue.push(waiting);
    else effects.push({ is: "refused", call });
  }
  const refused = effects.some(({ is }) => is === "refused");
  const emptyUntil = refused && emptyAt !== undefined ? emptyAt + emptyFor : account.emptyUntil;
  const [after, more] = asking({ ...account, free, reserved, queue, emptyUntil });
  return [after, [...effects, ...more]];
}

/** Whole units that are missing for all who wait. */
export function needed({ queue, free }: Account): number {
  return Math.min(Number.MAX_SAFE_INTEGER, Math.max(1, Math.ceil(sumOf(queue) - free)));
}

function sumOf(queue: readonly Waiting[]): number {
  return queue.reduce((sum, { amount }) => sum + amount, 0);
}
