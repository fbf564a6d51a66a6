import type { Pool } from "pg";
import { ApiError } from "../kit/index.ts";
import { hashOf } from "./token.ts";

/** Failures within `minutes` after which an account, or an address, has to wait. Known and unknown accounts count alike. */
const limits = { account: 10, address: 50, minutes: 15 };

/** What an attempt is counted under. */
export interface Attempt {
  /** What the client says who it is, whether or not there is such a person. */
  account: string;
  /** Address of the client. */
  address: string;
}

/** @throws ApiError RATE_LIMITED when the account or the address has failed too often */
export async function refuseGuessing(pool: Pool, attempt: Attempt): Promise<void> {
  const [account, address] = keysOf(attempt);
  const { rows } = await pool.query<{ account: number; address: number }>(
    `select count(*) filter (where key = $1)::int as account, count(*) filter (where key = $2)::int as address
     from failed_attempt where key in ($1, $2) and at > now() - make_interval(mins => $3)`,
    [account, address, limits.minutes],
  );
  const failed = rows[0] ?? { account: 0, address: 0 };
  if (failed.account < limits.account && failed.address < limits.address) return;
  throw new ApiError("RATE_LIMITED", "Too many failed attempts.", {
    hint: `Wait ${limits.minutes} minutes, use a passkey, or ask an administrator for a new link.`,
    docs: "people-and-roles",
  });
}

export async function countFailure(pool: Pool, attempt: Attempt): Promise<void> {
  await pool.query("insert into failed_attempt (key) select unnest($1::bytea[])", [keysOf(attempt)]);
}

/** A success forgets the failures of the account, never those of the address. */
export async function forgetFailures(pool: Pool, attempt: Attempt): Promise<void> {
  await pool.query("delete from failed_attempt where key = $1", [keysOf(attempt)[0]]);
}

function keysOf({ account, address }: Attempt): [Buffer, Buffer] {
  return [hashOf(`account ${account.trim().toLowerCase()}`), hashOf(`address ${address}`)];
}
