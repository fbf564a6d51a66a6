import type { Logger } from "pino";
import type { Config } from "./config.ts";
import { type Maker, makeCopy } from "./make.ts";
import { prune } from "./prune.ts";
import { recordsOf } from "./record.ts";
import type { Outcome } from "./report.ts";

export interface Round extends Maker {
  config: Config;
  log: Logger;
}

/** Makes one copy and takes the old ones away. What went wrong is said in the log, and in the outcome. */
export async function copyOnce(round: Round, name: string): Promise<Outcome> {
  const { log, store, config, now } = round;
  const began = now().getTime();
  if (config.copies[name]?.kind === "secrets" && round.passphrase === undefined) {
    log.warn({ copy: name }, "secrets are not copied, since there is no ENCRYPTION_KEY");
    return { copy: name, finished: undefined, bytes: undefined, failed: false };
  }
  try {
    const record = await makeCopy(round, name);
    const size = record.files.reduce((sum, file) => sum + file.size, 0);
    log.info({ copy: name, size, ms: now().getTime() - began, ...record.about }, "copied");
    await pruned(name);
    return { copy: name, finished: Date.parse(record.finished), bytes: size, failed: false };
  } catch (error) {
    log.error({ copy: name, err: error }, "not copied");
    return { ...(await lastOf(name)), failed: true };
  }

  /** A copy that is whole is one, also when an old one stays for longer. */
  async function pruned(copy: string): Promise<void> {
    if (config.keepDays === 0) return;
    try {
      const { removed } = await prune(round, copy, config.keepDays, now());
      if (removed.length > 0) log.info({ copy, removed }, "removed old copies");
    } catch (error) {
      log.error({ copy, err: error }, "old copies stay");
    }
  }

  async function lastOf(copy: string): Promise<Outcome> {
    const nothing = { copy, finished: undefined, bytes: undefined, failed: true };
    try {
      const last = (await recordsOf(store, copy)).at(-1)?.record;
      return last ? { ...nothing, finished: Date.parse(last.finished) } : nothing;
    } catch {
      return nothing;
    }
  }
}

/** The next moment after `from` at a time of day, UTC. */
export function nextAt(time: string, from: Date): Date {
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  const next = new Date(from);
  next.setUTCHours(hours, minutes, 0, 0);
  if (next <= from) next.setUTCDate(next.getUTCDate() + 1);
  return next;
}
