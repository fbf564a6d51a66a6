import { randomUUID } from "node:crypto";
import { isUnavailable } from "../../kit/database/unavailable.ts";
import { ApiError, type Database } from "../../kit/index.ts";
import type { Budget } from "../settings.ts";
import { periodOf } from "./period.ts";

/** What a call takes of each kind of budget. Money in nano-dollars. */
export interface Amounts {
  money: number;
  tokens: number;
  requests: number;
}

/** What a row of usage adds to the counters of budgets; `meter` of the migrations reads it. */
export interface Charge extends Amounts {
  /** "budget period holder unit" of each, with a semicolon in between. */
  budgets: string;
}

export interface Reservation {
  /** The call used this much; the rest is free again. Only the first call counts. */
  settle(used: Amounts): Charge | undefined;
  /** The call used nothing. */
  release(): void;
}

/**
 * Budgets in the memory of this process: it holds leases on parts of them, hands those out to calls, and asks the
 * database for more when they run low. All processes together can never lease more than a budget has.
 */
export interface Ledger {
  /** At once while leases last. @throws ApiError RATE_LIMITED naming the budget that has too little left */
  reserve(budgets: readonly Budget[], need: Amounts): Reservation | Promise<Reservation>;
  /** A budget may have been raised: those that were used up are asked for again. */
  doubt(): void;
  /** Gives back what is not used, and forgets periods that are over. */
  sweep(now?: number): Promise<void>;
  readonly holder: string;
}

interface Account {
  budget: Budget;
  /** How a row of usage names it. */
  name: string;
  start: number;
  end: number;
  /** Leased and not reserved; below zero when calls used more than they had reserved. */
  free: number;
  /** What the database had left beside all leases, when it was last asked. */
  beyond: number;
  /** Handed out without a lease, while the database is away, and what calls used since then. */
  unleased: number;
  usedSince: number;
  /** Nothing is left; not asked again before this moment. */
  emptyUntil: number;
  asking: Promise<void> | undefined;
  touched: number;
  /** What calls wait for. */
  wanted: number;
}

interface Lease {
  granted: string;
  remaining: string;
}

/** Milliseconds a used-up budget is not asked about again, and until an unused lease is returned. */
const wait = { empty: 250, idle: 15_000 };

export function openLedger(database: Database, drain: () => Promise<void>): Ledger {
  const holder = randomUUID();
  const accounts = new Map<string, Account>();
  return {
    holder,
    reserve(budgets, need) {
      if (budgets.length === 0) return nothing;
      const now = Date.now();
      const taken: Taken[] = [];
      for (const budget of budgets) {
        const amount = need[budget.unit];
        const account = accountOf(budget, now);
        if (account.free < amount) {
          giveBack(taken);
          return slowly(budgets, need);
        }
        account.free -= amount;
        account.touched = now;
        taken.push({ account, amount });
      }
      return reservation(taken);
    },
    doubt() {
      for (const account of accounts.values()) account.emptyUntil = 0;
    },
    sweep,
  };

  function accountOf(budget: Budget, now: number): Account {
    const known = accounts.get(budget.id);
    if (known && now < known.end) {
      known.budget = budget;
      return known;
    }
    const { start, end } = periodOf(budget.period, now);
    const name = `${budget.id} ${start} ${holder} ${budget.unit}`;
    const fresh = {
      budget,
      name,
      start,
      end,
      free: 0,
      unleased: 0,
      usedSince: 0,
      emptyUntil: 0,
      touched: now,
      wanted: 0,
    };
    // A period that begins while the database is away has all of its budget.
    const account: Account = { ...fresh, beyond: known ? budget.amount : 0, asking: undefined };
    accounts.set(budget.id, account);
    return account;
  }

  async function slowly(budgets: readonly Budget[], need: Amounts): Promise<Reservation> {
    const taken: Taken[] = [];
    try {
      for (const budget of budgets) {
        const amount = need[budget.unit];
        const account = accountOf(budget, Date.now());
        account.wanted += amount;
        try {
          while (account.free < amount) {
            if (account.emptyUntil > Date.now()) throw used(budget, account);
            account.asking ??= lease(account, amount).finally(() => {
              account.asking = undefined;
            });
            await account.asking;
          }
        } finally {
          account.wanted -= amount;
        }
        account.free -= amount;
        account.touched = Date.now();
        taken.push({ account, amount });
      }
    } catch (error) {
      giveBack(taken);
      throw error;
    }
    return reservation(taken);
  }

  async function lease(account: Account, amount: number): Promise<void> {
    const { budget, start } = account;
    try {
      // What was handed out without a lease must be counted before the rest is asked for.
      if (account.unleased > 0) await drain();
      const leftover = account.unleased - account.usedSince;
      account.free -= account.unleased > 0 ? leftover : 0;
      account.unleased = 0;
      account.usedSince = 0;
      // For all who wait, in one question.
      const needed = Math.ceil(Math.max(amount, account.wanted) - account.free);
      const wanted = Math.max(needed, Math.ceil(budget.amount / 64));
      const { rows } = await database.pool.query<Lease>({
        name: "ai.lease",
        text: "select granted, remaining from ai_gateway.take_lease($1, to_timestamp($2::double precision / 1000), $3, $4, $5)",
        values: [budget.id, start, holder, needed, wanted],
      });
      const [row] = rows;
      // The budget is gone; until the settings are read again it holds nobody up.
      if (!row) account.free += amount;
      account.free += Number(row?.granted ?? 0);
      account.beyond = Number(row?.remaining ?? 0);
      if (account.free < amount) account.emptyUntil = Date.now() + wait.empty;
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      account.free += account.beyond;
      account.unleased += account.beyond;
      account.beyond = 0;
      if (account.free < amount) account.emptyUntil = Date.now() + wait.empty;
    }
  }

  function reservation(taken: Taken[]): Reservation {
    let open = true;
    return {
      settle({ money, tokens, requests }) {
        if (!open) return undefined;
        open = false;
        const used = { money: Math.ceil(money), tokens: Math.ceil(tokens), requests };
        let budgets = "";
        for (const { account, amount } of taken) {
          const n = used[account.budget.unit];
          account.free += amount - n;
          if (account.unleased > 0) account.usedSince += n;
          budgets += budgets === "" ? account.name : `;${account.name}`;
        }
        return { ...used, budgets };
      },
      release() {
        if (!open) return;
        open = false;
        giveBack(taken);
      },
    };
  }

  async function sweep(now = Date.now()): Promise<void> {
    await database.pool.query("select ai_gateway.seen($1)", [holder]);
    for (const account of accounts.values()) {
      if (account.free <= 0 || account.unleased > 0 || now - account.touched < wait.idle) continue;
      const { free } = account;
      account.free = 0;
      await database.pool
        .query("select ai_gateway.return_lease($1, to_timestamp($2::double precision / 1000), $3, $4)", [
          account.budget.id,
          account.start,
          holder,
          Math.floor(free),
        ])
        .catch((error: unknown) => {
          account.free += free;
          throw error;
        });
    }
  }
}

interface Taken {
  account: Account;
  amount: number;
}

const nothing: Reservation = { settle: () => undefined, release() {} };

function giveBack(taken: Taken[]): void {
  for (const { account, amount } of taken) account.free += amount;
}

function used({ level, unit, period, model }: Budget, { end }: Account): ApiError {
  const what = { money: "money", tokens: "tokens", requests: "requests" }[unit];
  const of = model ? ` for ${model}` : "";
  const per = period === "ever" ? "" : ` of this ${period}`;
  const when = Number.isFinite(end) ? ` It begins anew at ${new Date(end).toISOString()}.` : "";
  return new BudgetUsed(`The ${level}'s budget of ${what}${of}${per} is used up.`, end, {
    hint: `Ask whoever administers it for more, or use a cheaper model.${when}`,
    docs: "ai-gateway",
  });
}

/** A refusal that says when to come back. */
export class BudgetUsed extends ApiError {
  /** Milliseconds since 1970; infinite when it does not begin anew. */
  readonly until: number;

  constructor(message: string, until: number, options: { hint: string; docs: string }) {
    super("RATE_LIMITED", message, options);
    this.until = until;
  }
}
