import type { ProcessState, ProcessStatus } from "../../components/provider/process.ts";
import { type Failures, noFailures } from "./backoff.ts";
import type { Identity } from "./process-table.ts";
import type { ProcessRecord } from "./records.ts";
import type { Measurement } from "./usage.ts";

/** One process as the supervisor holds it in memory; `record` is the part that survives the supervisor. */
export interface Supervised {
  record: ProcessRecord;
  state: ProcessState;
  since: string;
  /** Why it is not ready, in one sentence. */
  reason: string | undefined;
  lastLines: string[];
  failures: Failures;
  /** Set when waiting on for readiness is no use; a later success clears it. */
  verdict: string | undefined;
  /** Since when (milliseconds, monotonic) it is wanted and was not ready; undefined once it was. */
  tryingSince: number | undefined;
  measured: Measurement | undefined;
  /** Its running life; stopping it is awaited by `done`. */
  life: { stop: AbortController; done: Promise<void> } | undefined;
  /** Last of the requested changes, which are made one after the other. */
  queue: Promise<unknown>;
}

export function supervised(record: ProcessRecord): Supervised {
  return {
    record,
    state: "stopped",
    since: new Date().toISOString(),
    reason: undefined,
    lastLines: [],
    failures: noFailures(),
    verdict: undefined,
    tryingSince: undefined,
    measured: undefined,
    life: undefined,
    queue: Promise.resolve(),
  };
}

/** Its family as it was last seen. */
export function lastSeen(process: Supervised): Identity[] {
  return process.measured?.members ?? [];
}

/** @param trouble what is wrong with its dependencies, shown also while it still serves. */
export function statusOf(process: Supervised, log: string, trouble: string | undefined): ProcessStatus {
  const { record, state, since, lastLines, measured } = process;
  const alive = record.main !== undefined;
  return {
    name: record.spec.name,
    component: record.spec.component,
    version: record.spec.version,
    state,
    pid: record.main?.pid,
    since,
    startedAt: alive ? record.startedAt : undefined,
    restarts: record.restarts,
    lastExit: record.lastExit,
    reason: process.reason ?? (alive ? trouble : undefined),
    lastLines,
    log,
    ports: record.spec.ports,
    rss: alive ? measured?.usage.rss : undefined,
    cpu: alive ? measured?.usage.cpu : undefined,
    processes: alive ? (measured?.usage.processes ?? 1) : 0,
  };
}
