import type { Host } from "../../components/provider/host.ts";
import type { ProviderTable } from "../../components/provider/provider.ts";
import type { Log } from "./engine-service.ts";
import type { EngineEvent, RunResult } from "./events.ts";
import { destroy, prune } from "./finish.ts";
import type { ProgramBody } from "./in-process.ts";
import { createLimit } from "./limit.ts";
import { withLock } from "./lock.ts";
import type { Monitor } from "./monitor-of.ts";
import { createRedactor } from "./redact.ts";
import { refreshAll } from "./refresh.ts";
import { diagnose, failProgram, type Run, resultOf } from "./run.ts";
import { apply } from "./snapshot.ts";
import type { Ledger, StateStore } from "./store.ts";
import type { Properties } from "./values.ts";

export interface RunOptions {
  /** The Pulumi program; imported by the function, so that nothing is loaded before it is needed. Not used by destroy and refresh. */
  program: ProgramBody;
  project: string;
  stack: string;
  /** By full name: `devflow:target`. */
  config: Record<string, string>;
  /** Names of the configuration that is secret. */
  secretConfig?: string[];
  providers: ProviderTable;
  host: Host;
  store: StateStore;
  mode: "preview" | "up" | "destroy" | "refresh";
  /** destroy, refresh: only say what would be done. preview never does anything. @default false */
  dryRun?: boolean;
  /** preview, up: look at what is really there before deciding. @default true */
  refresh?: boolean;
  /** How many resources are worked on at once. @default 8 */
  parallel?: number;
  /** Aborted by the first interrupt: nothing new is started, what is under way ends. */
  signal: AbortSignal;
  /** Aborted by the second: what is under way is told to stop, and given up 3 s later. */
  hardSignal?: AbortSignal;
  /** Outputs of another stack by name, for StackReference; secrets marked. */
  readStack?(name: string): Promise<Properties | undefined>;
  onEvent(event: EngineEvent): void;
}

/** How the program is run against the monitor; gives the errors it ended with. */
export type Runner = (monitor: Monitor, options: RunOptions, log: Log) => Promise<unknown[]>;

let running = false;

/**
 * Runs a Pulumi program in this process and brings about what it declares. What fails is in the result; everything else
 * goes on, and the next run takes up from there.
 *
 * @throws DevflowError LOCKED, STATE_CORRUPT, STATE_KEY, DISK_FULL
 */
export function runProgram(options: RunOptions): Promise<RunResult> {
  return deploy(options, async (monitor, { program, project, stack, mode, config, secretConfig = [] }, log) => {
    const { runInProcess } = await import("./in-process.ts");
    return runInProcess(
      monitor,
      { run: program, project, stack, preview: mode === "preview", config, secretConfig },
      log,
    );
  });
}

/** `runProgram` with another way to run the program; the conformance test uses the SDK's own. */
export async function deploy(options: RunOptions, runner: Runner): Promise<RunResult> {
  // The SDK keeps the settings of a run for the whole process in places, so that two at once would mix.
  if (running) throw new Error("Two runs of the embedded engine in one process at once: that is a bug of the caller.");
  running = true;
  try {
    const { store, mode, dryRun = false } = options;
    if (mode === "preview" || dryRun) return await runWith(options, await dryLedger(store), true, runner);
    return await withLock(`${store.file}.lock`, mode, async () => {
      const ledger = await store.open();
      return closing(ledger, () => runWith(options, ledger, false, runner));
    });
  } finally {
    running = false;
  }
}

// --- internal ---

async function runWith(options: RunOptions, ledger: Ledger, dry: boolean, runner: Runner): Promise<RunResult> {
  const run = start(options, ledger, dry);
  if (options.mode === "destroy") await destroy(run);
  else if (options.mode === "refresh") await refreshAll(run);
  else {
    // Loaded here, since Pulumi's messages take a while and destroy and refresh do without.
    const { createMonitor } = await import("./monitor.ts");
    const log: Log = (severity, message, urn) => diagnose(run, severity, message, urn || undefined);
    for (const error of await runner(createMonitor(run), options, log)) failProgram(run, error);
    await prune(run);
  }
  return resultOf(run);
}

function start(options: RunOptions, ledger: Ledger, dry: boolean): Run {
  const { stack, project, providers, host, signal, onEvent, refresh = true, parallel = 8 } = options;
  const secrets = createRedactor();
  const { resources, superseded, pending } = ledger.snapshot;
  const stored = [...resources.values(), ...superseded, ...[...pending.values()].map(({ resource }) => resource)];
  for (const { inputs, outputs } of stored) secrets.note([inputs, outputs]);
  secrets.note(null, ...(options.secretConfig ?? []).flatMap((name) => options.config[name] ?? []));
  return {
    ...{ stack, project, dry, refresh, providers, host, ledger, secrets, signal, onEvent },
    hardSignal: options.hardSignal ?? new AbortController().signal,
    limit: createLimit(parallel),
    readStack: options.readStack ?? (async () => undefined),
    ...{ steps: [], failed: [], interrupted: false, outputs: {} },
    ...{ declared: new Set(), broken: new Set(), changing: new Set(), ownLeftovers: new Set() },
    ...{ mustReplace: new Map(), goneFirst: new Map() },
  };
}

/** Changes what it knows in memory, and nothing else. */
async function dryLedger(store: StateStore): Promise<Ledger> {
  const snapshot = await store.load();
  return {
    snapshot,
    async record(entry) {
      apply(snapshot, entry);
    },
    async close() {},
  };
}

/** Closes the ledger whatever happens; the first error is the one that is told. */
async function closing<Result>(ledger: Ledger, work: () => Promise<Result>): Promise<Result> {
  let result: Result;
  try {
    result = await work();
  } catch (error) {
    await ledger.close().catch(() => undefined);
    throw error;
  }
  await ledger.close();
  return result;
}
