import { rm } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import type { ProcessSpec, ProcessState } from "../../../components/provider/process.ts";
import { diagnose } from "../../../installer/doctor/diagnose.ts";
import type { Diagnosis, DoctorInput, Rule } from "../../../installer/doctor/diagnosis.ts";
import type { Entry } from "../../../installer/engine/snapshot.ts";
import { openStore, type StateStore } from "../../../installer/engine/store.ts";
import type { Facts } from "../../../installer/preflight/index.ts";
import { connect, type SupervisorClient } from "../../../installer/supervisor/client.ts";
import { ensureRunning } from "../../../installer/supervisor/launch.ts";
import { type Changes, inputFor, temporaryFolder } from "../preflight/machine.ts";

/** A real stack folder with a real state and, on request, a real supervisor, to be damaged by a test. */
export interface AilingStack extends AsyncDisposable {
  folder: string;
  paths: DoctorInput["paths"];
  store: StateStore;
  input(changes?: Partial<Changes>): DoctorInput;
  /** What doctor says; with `rules`, what those say. */
  look(options?: { rules?: Rule[]; facts?: Facts; changes?: Partial<Changes> }): Promise<Diagnosis[]>;
  /** Stores a state in which the entries were recorded; `cut` leaves it as a kill in the middle would. */
  record(entries: Entry[], options?: { cut: boolean }): Promise<void>;
  supervisor(): Promise<SupervisorClient>;
  /** Kills the supervisor alone. */
  killSupervisor(): Promise<void>;
  /** Gives the supervisor a shell program and waits until it is in the state. */
  process(wanted: Partial<ProcessSpec> & { name: string; sh?: string }, state: ProcessState): Promise<void>;
}

export async function ailingStack(): Promise<AilingStack> {
  const folder = await temporaryFolder();
  const input = (changes: Partial<Changes> = {}) => inputFor({ ...changes, folder: folder.path });
  const { paths } = input();
  const store = openStore({ file: paths.state, keyFile: paths.key });
  return {
    folder: folder.path,
    paths,
    store,
    input,
    look: ({ changes, ...options } = {}) => diagnose(input(changes), options),
    async record(entries, { cut } = { cut: false }) {
      const ledger = await store.open();
      for (const entry of entries) await ledger.record(entry, { durable: true });
      if (!cut) await ledger.close();
    },
    supervisor: () => ensureRunning(paths),
    async killSupervisor() {
      const { pid } = await (await ensureRunning(paths)).version();
      process.kill(pid, "SIGKILL");
      while (await connect(paths)) await wait(20);
    },
    async process({ sh = "exec sleep 1000", ...wanted }, state) {
      const client = await ensureRunning(paths);
      await client.put(specOf(folder.path, sh, wanted));
      for (;;) {
        if ((await client.get(wanted.name)).status.state === state) return;
        await wait(50);
      }
    },
    async [Symbol.asyncDispose]() {
      if (await connect(paths)) await (await ensureRunning(paths)).stopAll();
      await rm(folder.path, { recursive: true, force: true });
    },
  };
}

/** A resource as the engine stores it. */
export function resource(type: string, name: string) {
  return {
    urn: `urn:pulumi:local::devflow::${type}::${name}`,
    type,
    custom: true,
    id: name,
    inputs: {},
    outputs: {},
    dependencies: [],
    propertyDependencies: {},
  };
}

export function specOf(cwd: string, sh: string, wanted: Partial<ProcessSpec> & { name: string }): ProcessSpec {
  return {
    component: wanted.name,
    version: "1.0",
    command: ["sh", "-c", sh],
    env: {},
    cwd,
    after: [],
    ready: { kind: "command", command: ["true"], timeout: 10_000, interval: 100, startTimeout: 60_000 },
    stop: { signal: "SIGTERM", deadline: 2000 },
    refusesRoot: false,
    memory: 10,
    ports: [],
    configHash: "",
    ...wanted,
  };
}
