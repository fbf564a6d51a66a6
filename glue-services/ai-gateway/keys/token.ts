import { hash, randomBytes } from "node:crypto";

/** Of keys that programs call models with. */
export const keyPrefix = "dfv_";
const shape = /^dfv_[A-Za-z0-9_-]{43}$/;

export function newKey(): { key: string; start: string; hash: Buffer } {
  const key = `${keyPrefix}${randomBytes(32).toString("base64url")}`;
  return { key, start: key.slice(0, 10), hash: Buffer.from(hashOf(key), "base64") };
}

export function isKey(text: string): boolean {
  return text.length === 47 && shape.test(text);
}

/** SHA-256 in base64. */
export function hashOf(key: string): string {
  return hash("sha256", key, "base64");
}
