import { stat } from "node:fs/promises";
import { DevflowError } from "../../components/error.ts";
import type { ProcessStatus } from "../../components/provider/process.ts";
import { type LockHolder, readLock } from "../engine/lock.ts";
import type { Snapshot } from "../engine/snapshot.ts";
import type { StateStore } from "../engine/store.ts";
import type { Facts } from "../preflight/facts.ts";
import { machineFacts } from "../preflight/machine/index.ts";
import { stackState } from "../state.ts";
import { connect } from "../supervisor/client.ts";
import { type ProcessRecord, readRecords } from "../supervisor/records.ts";
import type { DoctorInput } from "./diagnosis.ts";

/** What the rules look at, gathered once. */
export interface Examination extends DoctorInput {
  facts: Facts;
  store: StateStore;
  /** What the engine stored; undefined when there is no state or `stateError` says why it cannot be read. */
  state: Snapshot | undefined;
  stateError: DevflowError | undefined;
  /** Who works on the stack at this moment. */
  lock: LockHolder | undefined;
  /** Processes the supervisor was told to keep. */
  records: ProcessRecord[];
  /** How they are; undefined when no supervisor answers. */
  processes: ProcessStatus[] | undefined;
}

export async function examine(input: DoctorInput, facts: Facts = machineFacts()): Promise<Examination> {
  const { paths } = input;
  const store = stackState(paths, facts.env);
  const [loaded, lock, processes] = await Promise.all([
    load(store),
    readLock(`${paths.state}.lock`),
    connect(paths).then((client) => client?.list()),
  ]);
  return { ...input, facts, store, ...loaded, lock, records: readRecords(paths), processes };
}

async function load(store: StateStore): Promise<Pick<Examination, "state" | "stateError">> {
  try {
    const state = await store.load();
    return { state: (await exists(store.file)) ? state : undefined, stateError: undefined };
  } catch (error) {
    if (error instanceof DevflowError) return { state: undefined, stateError: error };
    throw error;
  }
}

export function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
