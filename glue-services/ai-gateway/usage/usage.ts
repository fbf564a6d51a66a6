import { randomFillSync } from "node:crypto";
import type { Charge } from "../limits/ledger.ts";

/** Tokens of a call. */
export interface Tokens {
  input: number;
  /** Of `input`, those that the provider had already. */
  cached: number;
  output: number;
  /** Of `input`, those that the provider wrote into its cache, which costs more than reading them. @default 0 */
  written?: number;
  /** Of `written`, those that it keeps for an hour and not for minutes, which costs more again. @default 0 */
  writtenHour?: number;
}

export type Outcome = "ok" | "failed" | "cut" | "cancelled" | "cached";

/** One row of usage, as it goes into the spool; `meter` of the migrations reads it. */
export interface UsageRow extends Tokens, Partial<Charge> {
  id: string;
  organisation: string;
  at: string;
  request: string;
  project: string | undefined;
  key: string | undefined;
  person: string | undefined;
  service: string | undefined;
  surface: string;
  asked: string;
  provider: string;
  model: string;
  status: Outcome;
  code: number;
  estimated: boolean;
  /** Nano-dollars. */
  cost: number;
  streamed: boolean;
  ms: number;
  firstMs: number | undefined;
}

const pool = Buffer.allocUnsafe(8192);
let used = pool.length;
const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** A UUID of version 7: in order of time, so that the index grows at its end. */
export function timeId(now = Date.now()): string {
  if (used + 10 > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const time = now.toString(16).padStart(12, "0");
  const at = used;
  used += 10;
  const byte = (i: number) => hex[pool[at + i] as number] as string;
  const variant = hex[((pool[at + 2] as number) & 0x3f) | 0x80] as string;
  const version = `7${(byte(0) + byte(1)).slice(1)}`;
  return `${time.slice(0, 8)}-${time.slice(8)}-${version}-${variant}${byte(3)}-${byte(4)}${byte(5)}${byte(6)}${byte(7)}${byte(8)}${byte(9)}`;
}
