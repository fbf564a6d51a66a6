import { storableJson } from "../../kit/index.ts";
import type { Caller } from "../callers.ts";
import type { Amounts, Reservation } from "../limits/ledger.ts";
import { costOf, type Price, priceOf } from "../prices/prices.ts";
import type { Candidate } from "../routing/plan.ts";
import type { Budget } from "../settings.ts";
import { type Outcome, type Tokens, timeId, type UsageRow } from "../usage/usage.ts";
import { CallError } from "../wire/call-error.ts";
import type { Asked } from "../wire/shape.ts";
import type { Gateway } from "./context.ts";

/** One call's accounts: what is reserved before each attempt, and the row that is written after it. */
export interface Bill {
  /** Reserves what an attempt at this model may cost. @throws ApiError RATE_LIMITED, CallError price_unknown */
  reserve(candidate: Candidate): Reservation | Promise<Reservation>;
  /** Reserves what an answer costs that was kept: a request, and nothing else. @throws ApiError RATE_LIMITED */
  reserveCached(candidate: Candidate): Reservation | Promise<Reservation>;
  /** Writes the row of an attempt and settles what was reserved for it. */
  write(entry: Entry): void;
}

export interface Entry {
  candidate: Candidate;
  reservation: Reservation | undefined;
  status: Outcome;
  code: number;
  /** As the provider counted; undefined: nobody did, and `estimated` stands for it. */
  tokens: Tokens | undefined;
  estimated: Pick<Tokens, "input" | "output"> & Partial<Tokens>;
  firstMs?: number | undefined;
}

const none: Amounts = { money: 0, tokens: 0, requests: 0 };

export function openBill(
  { ledger, spool, metrics, tell }: Pick<Gateway, "ledger" | "spool" | "metrics" | "tell">,
  caller: Caller,
  asked: Asked,
  expected: { input: number; output: number },
): Bill {
  const began = performance.now();
  const now = Date.now();
  const request = timeId(now);
  const at = new Date(now).toISOString();
  const prices = new Map<Candidate, Price | undefined>();
  let rows = 0;
  // A call counts once, however many models are tried for it.
  let counted = false;

  return {
    reserve(candidate) {
      const budgets = applicable(caller.budgets, asked.body.model, candidate);
      if (budgets.length === 0) return ledger.reserve(budgets, none);
      const price = priceFor(candidate);
      if (!price && budgets.some(({ unit }) => unit === "money")) throw unpriced(candidate);
      return ledger.reserve(budgets, {
        money: price ? costOf(price, { ...expected, cached: 0 }) : 0,
        tokens: expected.input + expected.output,
        requests: counted ? 0 : 1,
      });
    },
    reserveCached: (candidate) =>
      ledger.reserve(applicable(caller.budgets, asked.body.model, candidate), { ...none, requests: 1 }),
    write({ candidate, reservation, status, code, tokens, estimated, firstMs }) {
      const told = tokens && counts(tokens);
      const used: Tokens = told ?? { cached: 0, ...estimated };
      const price = priceFor(candidate);
      const cost = price && status !== "cached" ? costOf(price, used) : 0;
      const paid = status === "failed" ? none : { money: cost, tokens: used.input + used.output, requests: 1 };
      const charge = reservation?.settle(
        status === "cached" ? { ...none, requests: 1 } : { ...paid, requests: counted ? 0 : paid.requests },
      );
      if (status !== "failed") counted = true;
      const row: UsageRow = {
        id: rows++ === 0 ? request : timeId(),
        organisation: caller.organisation,
        at,
        request,
        project: caller.project,
        key: caller.key,
        person: caller.person,
        service: caller.service,
        surface: asked.surface,
        asked: asked.body.model,
        provider: candidate.provider.name,
        model: candidate.model,
        status,
        code,
        input: used.input,
        cached: used.cached,
        output: used.output,
        estimated: told === undefined && status !== "failed",
        cost,
        streamed: asked.stream,
        ms: Math.round(performance.now() - began),
        firstMs: firstMs === undefined ? undefined : Math.round(firstMs),
        ...charge,
      };
      spool.add(storableJson(row));
      metrics.count(row, candidate.provider.organisation !== undefined);
      tell(row, caller);
    },
  };

  function priceFor(candidate: Candidate): Price | undefined {
    if (!prices.has(candidate)) prices.set(candidate, priceOf(candidate, caller.settings.prices, at.slice(0, 10)));
    return prices.get(candidate);
  }
}

/** What a provider counted; undefined where it is no count, as of a server that is broken or means harm. */
function counts({ input, cached, output, written = 0, writtenHour = 0 }: Tokens): Tokens | undefined {
  const all = [input, cached, output, written, writtenHour];
  if (!all.every((one) => Number.isFinite(one) && one >= 0 && one <= mostTokens)) return undefined;
  const read = Math.ceil(input);
  const known = Math.min(Math.ceil(cached), read);
  const kept = Math.min(Math.ceil(written), read - known);
  return {
    ...{ input: read, cached: known, output: Math.ceil(output) },
    ...(kept > 0 && { written: kept, writtenHour: Math.min(Math.ceil(writtenHour), kept) }),
  };
}

/** Of one call, far beyond every model. */
const mostTokens = 1e12;

/**
 * A budget of a model holds for the name that was asked for, and for whatever answers in its place; `openai/*` for all of
 * a provider.
 */
function applicable(budgets: readonly Budget[], asked: string, { id, model, provider }: Candidate): readonly Budget[] {
  if (budgets.every((budget) => budget.model === null)) return budgets;
  const names: (string | null)[] = [null, asked, id, model, `${provider.name}/*`];
  return budgets.filter((one) => names.includes(one.model));
}

function unpriced({ id }: Candidate): CallError {
  return new CallError(
    400,
    "price_unknown",
    `Nobody knows what ${id} costs, and a budget of money holds for this call.`,
    {
      hint: "Enter its price on the page Models; a price of zero is a price.",
    },
  );
}
