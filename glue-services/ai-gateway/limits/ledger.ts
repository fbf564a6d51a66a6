import { randomUUID } from "node:crypto";
import { isUnavailable } from "../../kit/database/unavailable.ts";
import { ApiError, type Database } from "../../kit/index.ts";
import type { Budget } from "../settings.ts";
import { type Account, type AccountEvent, type Effect, needed, openAccount, reserve, settle, step } from "./account.ts";
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

/** What a call has reserved. Disposed of without having been settled, the call used nothing. */
export interface Reservation extends Disposable {
  /** The call used this much; the rest is free again. Only the first call counts. */
  settle(used: Amounts): Charge | undefined;
}

/**
 * Budgets in the memory of this process: it holds leases on parts of them, hands those out to calls, and asks the
 * database for more when they run low. All processes together can never lease more than a budget has.
 */
export interface Ledger {
  /**
   * At once while leases last; else it waits for the question that is under way, so that nobody is refused while there is
   * budget left.
   *
   * @throws ApiError RATE_LIMITED naming the budget that has too little left
   */
  reserve(budgets: readonly Budget[], need: Amounts): Reservation | Promise<Reservation>;
  /** A budget may have been raised: those that were used up are asked for again. */
  doubt(): void;
  /** Gives back what is not used, and forgets periods that are over. */
  sweep(now?: number): Promise<void>;
  readonly holder: string;
}

/** A budget in one period, as this process has it. */
interface Held {
  budget: Budget;
  /** How a row of usage names it. */
  name: string;
  start: number;
  end: number;
  account: Account;
  touched: number;
}

interface Taken {
  held: Held;
  amount: number;
}

interface Waiter {
  resolve(): void;
  reject(error: unknown): void;
}

interface Lease {
  granted: string;
  remaining: string;
}

/** Milliseconds until a lease that nobody used is returned, and that calls wait for the database. */
const [idle, patience] = [15_000, 5000];

/** @param drain resolves when what was used so far is metered */
export function openLedger(database: Database, drain: () => Promise<void>): Ledger {
  const holder = randomUUID();
  const all = new Map<string, Held>();
  const waiters = new Map<number, Waiter>();
  let calls = 0;
  return {
    holder,
    reserve(budgets, need) {
      if (budgets.length === 0) return nothing;
      const now = Date.now();
      const taken: Taken[] = [];
      for (const budget of budgets) {
        const amount = amountOf(need, budget);
        const held = heldOf(budget, now);
        const account = reserve(held.account, amount);
        if (!account) {
          release(taken);
          return slowly(budgets, need);
        }
        held.account = account;
        held.touched = now;
        taken.push({ held, amount });
      }
      return reservation(taken);
    },
    doubt() {
      for (const held of all.values()) apply(held, { is: "doubted" });
    },
    sweep,
  };

  function heldOf(budget: Budget, now: number): Held {
    const known = all.get(budget.id);
    if (known && now < known.end) {
      known.budget = budget;
      return known;
    }
    const { start, end } = periodOf(budget.period, now);
    const name = `${budget.id} ${start} ${holder} ${budget.unit}`;
    // A period that begins while the database is away has all of its budget.
    const account = openAccount(known ? budget.amount : 0);
    const held: Held = { budget, name, start, end, account, touched: now };
    all.set(budget.id, held);
    return held;
  }

  async function slowly(budgets: readonly Budget[], need: Amounts): Promise<Reservation> {
    const taken: Taken[] = [];
    try {
      for (const budget of budgets) {
        const amount = amountOf(need, budget);
        const held = heldOf(budget, Date.now());
        const account = reserve(held.account, amount);
        if (account) held.account = account;
        else await wait(held, amount);
        held.touched = Date.now();
        taken.push({ held, amount });
      }
    } catch (error) {
      release(taken);
      throw error;
    }
    return reservation(taken);
  }

  function wait(held: Held, amount: number): Promise<void> {
    const call = ++calls;
    return new Promise((resolve, reject) => {
      waiters.set(call, { resolve, reject });
      apply(held, { is: "short", call, amount, now: Date.now() });
    });
  }

  function apply(held: Held, event: AccountEvent, error?: unknown): void {
    const [account, effects] = step(held.account, event);
    held.account = account;
    for (const effect of effects) perform(held, effect, error);
  }

  function perform(held: Held, effect: Effect, error: unknown): void {
    switch (effect.is) {
      case "lease":
        return void lease(held);
      case "return":
        // `sweep` returns it, and waits for that.
        return;
      default: {
        const waiter = waiters.get(effect.call);
        waiters.delete(effect.call);
        if (effect.is === "served") waiter?.resolve();
        else waiter?.reject(effect.is === "refused" ? usedUp(held) : error);
      }
    }
  }

  async function lease(held: Held): Promise<void> {
    // A database that hangs is as good as away; what it grants in the end is not lost.
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      apply(held, { is: "away", now: Date.now() });
    }, patience);
    try {
      const row = await ask(held);
      const [granted, remaining] = [Number(row?.granted ?? 0), Number(row?.remaining ?? 0)];
      if (late) apply(held, { is: "late", granted });
      else apply(held, row ? { is: "leased", granted, remaining, now: Date.now() } : { is: "gone" });
    } catch (error) {
      if (late) return;
      if (isUnavailable(error)) apply(held, { is: "away", now: Date.now() });
      else apply(held, { is: "failed" }, error);
    } finally {
      clearTimeout(timer);
    }
  }

  async function ask(held: Held): Promise<Lease | undefined> {
    const { budget, start } = held;
    if (held.account.unleased > 0) {
      // What was handed out without a lease must be counted before the rest is asked for.
      await drain();
      apply(held, { is: "metered" });
    }
    // Whoever came meanwhile is part of the question.
    const wanted = Math.ceil(budget.amount / 64);
    return again(() => takeLease(budget.id, start, needed(held.account), wanted));
  }

  async function takeLease(id: string, start: number, need: number, wanted: number): Promise<Lease | undefined> {
    const { rows } = await database.pool.query<Lease>({
      name: "ai.lease",
      text: "select granted, remaining from ai_gateway.take_lease($1, to_timestamp($2::double precision / 1000), $3, $4, $5)",
      values: [id, start, holder, need, wanted],
    });
    return rows[0];
  }

  async function sweep(now = Date.now()): Promise<void> {
    await database.pool.query("select ai_gateway.seen($1)", [holder]);
    for (const [id, held] of all) {
      if (now - held.touched < idle) continue;
      const [account, effects] = step(held.account, { is: "idle" });
      held.account = account;
      for (const effect of effects) if (effect.is === "return") await giveBack(held, effect.amount);
      if (now >= held.end && held.account.reserved === 0 && all.get(id) === held) all.delete(id);
    }
  }

  async function giveBack(held: Held, amount: number): Promise<void> {
    try {
      await again(() =>
        database.pool.query("select ai_gateway.return_lease($1, to_timestamp($2::double precision / 1000), $3, $4)", [
          held.budget.id,
          held.start,
          holder,
          amount,
        ]),
      );
      apply(held, { is: "returned" });
    } catch (error) {
      apply(held, { is: "not-returned", amount });
      throw error;
    }
  }
}

function reservation(taken: readonly Taken[]): Reservation {
  let open = true;
  return {
    settle({ money, tokens, requests }) {
      if (!open) return undefined;
      open = false;
      const used = { money: Math.ceil(money), tokens: Math.ceil(tokens), requests };
      let budgets = "";
      for (const { held, amount } of taken) {
        held.account = settle(held.account, amount, used[held.budget.unit]);
        budgets += budgets === "" ? held.name : `;${held.name}`;
      }
      return { ...used, budgets };
    },
    [Symbol.dispose]() {
      if (!open) return;
      open = false;
      release(taken);
    },
  };
}

const nothing: Reservation = { settle: () => undefined, [Symbol.dispose]() {} };

function release(taken: readonly Taken[]): void {
  for (const { held, amount } of taken) held.account = settle(held.account, amount, 0);
}

/** Whole units, as the database counts. @throws Error for what is no count: it would break the budget for all its users */
function amountOf(need: Amounts, { unit }: Budget): number {
  const amount = Math.min(Number.MAX_SAFE_INTEGER, Math.ceil(need[unit]));
  if (amount >= 0) return amount;
  throw new Error(`A call cannot reserve ${need[unit]} ${unit}.`);
}

/** Times a statement is tried that lost against another one (SQLSTATE class 40: deadlocks and the like). */
const attempts = 4;

async function again<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let left = attempts - 1; ; left--) {
    try {
      return await work();
    } catch (error) {
      if (left === 0 || !String((error as { code?: unknown }).code).startsWith("40")) throw error;
    }
  }
}

function usedUp({ budget: { level, unit, period, model }, end }: Held): ApiError {
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
