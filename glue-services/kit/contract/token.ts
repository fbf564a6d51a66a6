import { createHmac, hash, hkdfSync, randomUUID, timingSafeEqual } from "node:crypto";
import { type Static, Type } from "typebox";
import { payloadCheck } from "../compilers.ts";

/** Seconds a token is good for; hosts' clocks may differ by a part of it. */
const life = 60;

const Claims = Type.Object({
  /** What it is for: `knowledge.search`. */
  aud: Type.String(),
  /** Digest of the body that it was made for; with another one it opens nothing. */
  body: Type.String(),
  exp: Type.Number(),
  /** Tells this token from all others. */
  jti: Type.String(),
});
type Claims = Static<typeof Claims>;
const isClaims = payloadCheck(Claims);

/**
 * Keys that the hosts of a stack share, the current one first: during a rotation the former is still taken. They follow
 * from the master keys, and no one who has a token learns anything of these.
 */
export function serviceKeys(masterKeys: readonly string[]): Buffer[] {
  return masterKeys.map((key) => Buffer.from(hkdfSync("sha256", key, "", "devflow service token 1", 32)));
}

/**
 * Proves to another host of the stack that one of them sends this body to this call, now. While there are two keys the
 * former one signs: hosts that were not started anew since the rotation know no other.
 */
export function signCall(keys: readonly Buffer[], aud: string, body: string, now = Date.now()): string {
  const key = keys.at(-1);
  if (!key) throw new Error("This host shares no key with others, so it cannot call them.");
  const exp = Math.floor(now / 1000) + life;
  const claims: Claims = { aud, body: digest(body), exp, jti: randomUUID() };
  const text = Buffer.from(JSON.stringify(claims)).toString("base64url");
  return `${text}.${sign(key, text)}`;
}

/** What a token says, when one of the keys signed it for this call, and lately. */
export function readCallToken(keys: readonly Buffer[], token: string, aud: string): Claims | undefined {
  const [text = "", signature = "", ...more] = token.split(".");
  if (more.length > 0 || !keys.some((key) => same(sign(key, text), signature))) return undefined;
  const claims: unknown = JSON.parse(Buffer.from(text, "base64url").toString());
  if (!isClaims(claims)) return undefined;
  const read = claims as Claims;
  const left = read.exp - Date.now() / 1000;
  return read.aud === aud && left > 0 && left <= 2 * life ? read : undefined;
}

/** Whether it is the body that the token was made for. */
export function isBodyOf({ body: signed }: Claims, body: string): boolean {
  return signed === digest(body);
}

/** Tokens of calls that may happen only once, for as long as each is good. @returns whether it comes for the first time */
export function onceOnly(): (claims: Claims) => boolean {
  const seen = new Map<string, number>();
  return ({ jti, exp }) => {
    const now = Date.now() / 1000;
    // They came in the order of their ends, but for what the hosts' clocks differ.
    for (const [one, until] of seen) {
      if (until > now) break;
      seen.delete(one);
    }
    if (seen.has(jti)) return false;
    seen.set(jti, exp);
    return true;
  };
}

function sign(key: Buffer, text: string): string {
  return createHmac("sha256", key).update(text).digest("base64url");
}

function digest(body: string): string {
  return hash("sha256", body, "base64url");
}

function same(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
