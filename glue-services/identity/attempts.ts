import type { Pool } from "pg";
import { ApiError, clientNetwork } from "../kit/index.ts";
import { hashOf } from "./token.ts";

/**
 * Failures within `minutes` after which somebody has to wait: with an account from one address, with anything from one
 * address, and with an account from everywhere. The last one is how guessing from many addresses ends; it does not hold
 * where the account got in from before, so that strangers cannot lock its owner out. Known and unknown accounts count
 * alike.
 */
export const attemptLimits = { pair: 10, address: 50, account: 50, minutes: 15, knownDays: 90 };

/** What an attempt is counted under. */
export interface Attempt {
  /** What the client says who it is, whether or not there is such a person. */
  account: string;
  /** Address of the client. */
  address: string;
}

/** An attempt under way; unless one of these is called it stays a failure. */
export interface Begun {
  /** Forgets the failures of the account, never those of the address, and remembers that it got in from there. */
  succeeded(): Promise<void>;
  /** It said nothing of the proof: something else went wrong. */
  takeBack(): Promise<void>;
}

/** Counts the attempt before it is made. @throws ApiError RATE_LIMITED when there were too many */
export async function beginAttempt(pool: Pool, attempt: Attempt): Promise<Begun> {
  const { pair, address, account } = keysOf(attempt);
  const { rowCount: known } = await pool.query(
    "select from known_place where key = $1 and at > now() - make_interval(days => $2)",
    [pair, attemptLimits.knownDays],
  );
  const { rows } = await pool.query<{ allowed: boolean }>(
    "select begin_attempt($1, $2, make_interval(mins => $3)) as allowed",
    [
      [pair, address, account],
      [attemptLimits.pair, attemptLimits.address, known ? -1 : attemptLimits.account],
      attemptLimits.minutes,
    ],
  );
  if (!rows[0]?.allowed) {
    throw new ApiError("RATE_LIMITED", "Too many failed attempts.", {
      hint: `Wait ${attemptLimits.minutes} minutes, use a passkey, or ask an administrator for a new link.`,
      docs: "people-and-roles",
    });
  }
  const forgetOne = (key: Buffer) =>
    pool.query(
      "delete from failed_attempt where ctid in (select ctid from failed_attempt where key = $1 order by at desc limit 1)",
      [key],
    );
  return {
    async succeeded() {
      await pool.query("delete from failed_attempt where key = any ($1)", [[pair, account]]);
      await forgetOne(address);
      await pool.query("insert into known_place (key) values ($1) on conflict (key) do update set at = now()", [pair]);
    },
    async takeBack() {
      await Promise.all([pair, address, account].map(forgetOne));
    },
  };
}

/** Whoever proved otherwise who they are starts anew. */
export async function forgetFailures(pool: Pool, attempt: Attempt): Promise<void> {
  const { pair, account } = keysOf(attempt);
  await pool.query("delete from failed_attempt where key = any ($1)", [[pair, account]]);
}

function keysOf({ account, address }: Attempt) {
  const name = account.trim().toLowerCase();
  const network = clientNetwork(address);
  return {
    pair: hashOf(`account ${name} from ${network}`),
    address: hashOf(`address ${network}`),
    account: hashOf(`account ${name}`),
  };
}
