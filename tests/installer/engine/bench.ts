import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Host } from "../../../components/provider/host.ts";
import { homePaths, stackPaths } from "../../../components/provider/paths.ts";
import { currentPlatform } from "../../../components/provider/platform.ts";
import type { ProviderTable } from "../../../components/provider/provider.ts";
import {
  type EngineEvent,
  openStore,
  type ProgramBody,
  type RunOptions,
  type RunResult,
  runProgram,
} from "../../../installer/engine/index.ts";
import type { Snapshot } from "../../../installer/engine/snapshot.ts";
import { type ThingOptions, thingProviders } from "./thing.ts";

/** A stack in a temporary folder: its state, its things, and what the last run told. */
export interface Bench {
  folder: string;
  things: string;
  state: string;
  events: EngineEvent[];
  run(mode: RunOptions["mode"], program?: ProgramBody, more?: Partial<RunOptions>): Promise<RunResult>;
  up(program: ProgramBody, more?: Partial<RunOptions>): Promise<RunResult>;
  preview(program: ProgramBody, more?: Partial<RunOptions>): Promise<RunResult>;
  options(mode: RunOptions["mode"], program: ProgramBody, more?: Partial<RunOptions>): RunOptions;
  providers(options?: ThingOptions): ProviderTable;
  load(): Promise<Snapshot>;
  /** Changes the text of the state file. */
  edit(change: (text: string) => string): void;
  remove(): void;
}

export function bench(folder = mkdtempSync(join(tmpdir(), "devflow-engine-"))): Bench {
  const things = join(folder, "things");
  const state = join(folder, "state.json");
  const self: Bench = {
    folder,
    things,
    state,
    events: [],
    options: (mode, program, more = {}) => ({
      program,
      project: "devflow",
      stack: "test",
      config: {},
      providers: thingProviders(things),
      host: testHost(folder),
      store: openStore({ file: state, keyFile: join(folder, "state.key") }),
      mode,
      signal: new AbortController().signal,
      onEvent: (event) => self.events.push(event),
      ...more,
    }),
    run(mode, program = async () => {}, more = {}) {
      self.events = [];
      return runProgram(self.options(mode, program, more));
    },
    up: (program, more) => self.run("up", program, more),
    preview: (program, more) => self.run("preview", program, more),
    providers: (options) => thingProviders(things, options),
    load: () => openStore({ file: state, keyFile: join(folder, "state.key") }).load(),
    edit: (change) => writeFileSync(state, change(readFileSync(state, "utf8"))),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
  return self;
}

/** A machine for providers that need nothing of it. */
export function testHost(folder: string): Host {
  const none = async () => {
    throw new Error("a test provider asked for the machine");
  };
  return {
    platform: currentPlatform(),
    paths: stackPaths(folder, "test"),
    home: homePaths({ DEVFLOW_HOME: folder, DEVFLOW_CACHE: folder }),
    root: process.cwd(),
    artifacts: { locate: () => "", has: none, obtain: none },
    secrets: { get: none, set: none, list: none },
    processes: { ensure: none, get: none, remove: none },
  };
}

/** The plan or account in short: `create a`, for all but components and what stays. */
export function summary({ steps }: RunResult): string[] {
  return steps
    .filter(({ custom, op }) => custom && op !== "same")
    .map(({ op, name }) => `${op} ${name}`)
    .sort();
}

/** All that a plan and its account have in common. */
export function stepsOf({ steps }: RunResult) {
  return steps
    .map(({ urn, op, custom, replaceKeys, parent, dependencies }) => ({
      urn,
      op,
      custom,
      replaceKeys,
      parent,
      dependencies,
    }))
    .sort((a, b) => a.urn.localeCompare(b.urn) || a.op.localeCompare(b.op));
}
