import { type Guarding, guardingOf } from "./guard/guarding.ts";
import type { PolicySettings } from "./schemas.ts";

/** What an organisation's policy asks for besides the call itself; most ask for nothing, and their calls are quickest. */
export interface Protection {
  guarding: Guarding | undefined;
  cache: { similar: boolean; seconds: number; similarity: number } | undefined;
  record: boolean;
  /** The policy as text: an answer that was kept under another one is not given again. */
  text: string;
}

const usual = { seconds: 3600, similarity: 0.95 };

/** Undefined: nothing. */
export function protectionOf(policy: PolicySettings): Protection | undefined {
  const guarding = guardingOf(policy);
  const { cache = "off", cacheSeconds = usual.seconds, similarity = usual.similarity, record = false } = policy;
  if (!guarding && cache === "off" && !record) return undefined;
  return {
    guarding,
    cache: cache === "off" ? undefined : { similar: cache === "semantic", seconds: cacheSeconds, similarity },
    record,
    text: JSON.stringify(policy),
  };
}
