import { createHmac, hash, hkdfSync, timingSafeEqual } from "node:crypto";
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
});
const isClaims = payloadCheck(Claims);

/**
 * Keys that the hosts of a stack share, the current one first: during a rotation the former is still taken. They follow
 * from the master keys, and no one who has a token learns anything of these.
 */
export function serviceKeys(masterKeys: readonly string[]): Buffer[] {
  return masterKeys.map((key) => Buffer.from(hkdfSync("sha256", key, "", "devflow service token 1", 32)));
}

/** Proves to another host of the stack that one of them sends this body to this call, now. */
export function signCall([key]: readonly Buffer[], aud: string, body: string, now = Date.now()): string {
  if (!key) throw new Error("This host shares no key with others, so it cannot call them.");
  const claims: Static<typeof Claims> = { aud, body: digest(body), exp: Math.floor(now / 1000) + life };
  const text = Buffer.from(JSON.stringify(claims)).toString("base64url");
  return `${text}.${sign(key, text)}`;
}

/** Whether one of the keys signed it for this call and body, and lately. */
export function provesCall(keys: readonly Buffer[], token: string, aud: string, body: string, now = Date.now()) {
  const [text = "", signature = "", ...more] = token.split(".");
  if (more.length > 0 || !keys.some((key) => same(sign(key, text), signature))) return false;
  const claims: unknown = JSON.parse(Buffer.from(text, "base64url").toString());
  if (!isClaims(claims)) return false;
  const { aud: meant, body: signed, exp } = claims as Static<typeof Claims>;
  const left = exp - now / 1000;
  return meant === aud && signed === digest(body) && left > 0 && left <= 2 * life;
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
