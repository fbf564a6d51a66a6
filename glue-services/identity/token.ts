import { createHash, randomBytes } from "node:crypto";

/** 256 random bits, safe in addresses and headers. */
export function randomToken(): string {
  return randomBytes(32).toString("base64url");
}

/**
 * What is stored of a token. It has 256 random bits, so a plain SHA-256 cannot be turned back by guessing; and it is
 * looked up by its hash, so no comparison's time tells anything about it.
 */
export function hashOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
