import { randomInt } from "node:crypto";
import type { Pool } from "pg";
import { ApiError, clientNetwork, type Database, type Transaction } from "../../kit/index.ts";
import { hashOf, randomToken } from "../token.ts";

/** Signing in a machine without a browser: the device authorization grant of RFC 8628, with a personal key as its token. */
export const deviceLogin = {
  /** Seconds until it is forgotten. */
  lifetime: 600,
  /** Seconds a device waits between two questions at least; each that comes sooner adds `slower`. */
  pause: 2,
  slower: 5,
  /** Open ones of one network, an IPv4 address or 64 bits of IPv6, and in all. */
  mostOfNetwork: 20,
  most: 5000,
} as const;

/** Letters of a user code: none that reads as another, and no vowels to make words of (RFC 8628, 6.1). */
const letters = "BCDFGHJKLMNPQRSTVWXZ";
const userCodeLength = 8;

/** What a person typed as a code, in the form it is kept; undefined when it cannot be one. */
export function readUserCode(text: string): string | undefined {
  const code = text.toUpperCase().replace(/[^A-Z]/g, "");
  return code.length === userCodeLength && [...code].every((letter) => letters.includes(letter)) ? code : undefined;
}

/** In two halves, as it is shown. */
export function shownUserCode(code: string): string {
  return `${code.slice(0, userCodeLength / 2)}-${code.slice(userCodeLength / 2)}`;
}

/** @throws ApiError RATE_LIMITED where too many are open */
export async function askDevice(pool: Pool, { name, address }: Waiting): Promise<{ device: string; code: string }> {
  const device = randomToken();
  const code = Array.from({ length: userCodeLength }, () => letters[randomInt(letters.length)]).join("");
  const { rowCount } = await pool.query(
    `with gone as (delete from device_login where expires_at < now())
     insert into device_login (hash, user_code, name, address, expires_at, pause, network)
     select $1, $2, $3, $4, now() + make_interval(secs => $5), $6, $9
     where (select count(*) from device_login where network = $9 and expires_at > now()) < $7
       and (select count(*) from device_login where expires_at > now()) < $8`,
    [
      ...[hashOf(device), code, name, address, deviceLogin.lifetime, deviceLogin.pause],
      ...[deviceLogin.mostOfNetwork, deviceLogin.most, clientNetwork(address)],
    ],
  );
  if (!rowCount) {
    throw new ApiError("RATE_LIMITED", "Too many machines ask to be signed in.", {
      hint: `Answer those that wait, or try again in ${deviceLogin.lifetime / 60} minutes.`,
    });
  }
  return { device, code };
}

/** A machine that waits for a person's answer. */
export interface Waiting {
  name: string;
  address: string;
}

/** Undefined for one that is answered, expired, or never was. */
export async function waitingDevice(pool: Pool, code: string): Promise<Waiting | undefined> {
  const { rows } = await pool.query<Waiting>(
    `select name, address from device_login
     where user_code = $1 and expires_at > now() and person is null and not denied`,
    [code],
  );
  return rows[0];
}

/** How a device stands. */
export type Standing =
  | { state: "pending" | "slow_down"; pause: number }
  | { state: "denied" | "expired" }
  | ({ state: "granted" } & Granted);

/** That a person let it in, and as what. */
export interface Granted {
  id: string;
  name: string;
  person: string;
  organisation: string;
  scopes: string[];
}

/** Looks how a device stands. A grant stays until it is redeemed; a refusal is told once. */
export async function pollDevice(database: Database, device: string): Promise<Standing> {
  return database.withoutTenant(async (tx) => {
    const { rows } = await tx.query<Row>(
      `select id, name, person, acts_for as organisation, scopes, denied, pause, expires_at <= now() as expired,
         coalesce(polled_at > now() - make_interval(secs => pause), false) as early
       from device_login where hash = $1 for update`,
      [hashOf(device)],
    );
    const [row] = rows;
    if (!row || row.expired) return { state: "expired" };
    const { id, name, person, organisation, scopes } = row;
    if (row.denied) {
      await tx.query("delete from device_login where id = $1", [id]);
      return { state: "denied" };
    }
    if (person !== null && organisation !== null) {
      return { state: "granted", id, name, person, organisation, scopes: scopes ?? [] };
    }
    const pause = row.early ? Math.min(row.pause + deviceLogin.slower, 60) : row.pause;
    await tx.query("update device_login set polled_at = now(), pause = $2 where id = $1", [id, pause]);
    return { state: row.early ? "slow_down" : "pending", pause };
  });
}

/** Takes a grant, once: in the transaction that makes what it is given for. False: another took it. */
export async function takeGrant(tx: Transaction, { id }: Granted): Promise<boolean> {
  const { rowCount } = await tx.query("delete from device_login where id = $1 and expires_at > now()", [id]);
  return rowCount === 1;
}

/** What a person answers. */
export type Decision = { accept: false } | { accept: true; person: string; organisation: string; scopes: string[] };

/** Answers a machine that waits. @returns its name; undefined where nothing waits under this code */
export async function decideDevice(tx: Transaction, code: string, decision: Decision): Promise<string | undefined> {
  const { person, organisation, scopes } = decision.accept ? decision : {};
  const { rows } = await tx.query<{ name: string }>(
    `update device_login set denied = $2, person = $3, acts_for = $4, scopes = $5
     where user_code = $1 and expires_at > now() and person is null and not denied returning name`,
    [code, !decision.accept, person, organisation, scopes],
  );
  return rows[0]?.name;
}

interface Row {
  id: string;
  name: string;
  person: string | null;
  organisation: string | null;
  scopes: string[] | null;
  denied: boolean;
  pause: number;
  expired: boolean;
  early: boolean;
}
