import type { HomePaths, StackPaths } from "./paths.ts";
import type { Platform } from "./platform.ts";
import type { ProcessSpec, ProcessStatus } from "./process.ts";

/**
 * What the provider needs of the machine it works on. The installer implements it (installer/host.ts), so that
 * components never import the installer.
 */
export interface Host {
  readonly platform: Platform;
  readonly paths: StackPaths;
  readonly home: HomePaths;
  /** Folder of this checkout: where the glue services and docs are. */
  readonly root: string;
  readonly artifacts: Artifacts;
  readonly processes: Processes;
  readonly secrets: SecretStore;
}

/**
 * Generated credentials of the platform tier. They outlive the component they belong to: a database that is kept while
 * its component is switched off can still be opened when it comes back.
 */
export interface SecretStore {
  /** undefined when there is none of that name. Names are `component/credential`. */
  get(name: string): Promise<string | undefined>;
  /** Keeps it durably before it returns. */
  set(name: string, value: string): Promise<void>;
  list(): Promise<string[]>;
}

/** A program of the catalogue for this platform. */
export interface ArtifactRef {
  /** File name in configs/upstreams without extension. */
  name: string;
  version: string;
}

export interface Artifacts {
  /** Folder the artifact is (or will be) in; known before it is there, so that a plan can name it. */
  locate(ref: ArtifactRef): string;
  /** True when it is complete in the cache. */
  has(ref: ArtifactRef): Promise<boolean>;
  /** Brings it into the cache from the first source that has it. Safe to call from several processes at once. */
  obtain(ref: ArtifactRef, options: Reporting): Promise<{ path: string; source: string }>;
}

export interface Processes {
  /** Starts it, or starts it anew when the specification differs from the running one; returns when it is ready. */
  ensure(spec: ProcessSpec, options: Reporting): Promise<ProcessStatus>;
  /** undefined when the supervisor does not know it (or is not running). */
  get(name: string): Promise<{ spec: ProcessSpec; status: ProcessStatus } | undefined>;
  /** Stops and forgets it; fine when it is not there. */
  remove(name: string, options: Reporting): Promise<void>;
}

export interface Reporting {
  signal: AbortSignal;
  report(progress: Progress): void;
}

/** Where a long step is. All fields are for people and for bars; none carries a secret. */
export interface Progress {
  /** Present participle: downloading, verifying, unpacking, compiling, starting, … */
  phase: string;
  /** Bytes, or units of a build. `total` is undefined when it is not known. */
  done?: number;
  total?: number;
  unit?: "bytes" | "steps";
  /** Per second, averaged over the last seconds. */
  rate?: number;
  /** Seconds that are left, estimated. */
  eta?: number;
  /** One line more: a source that was skipped and why, the package being compiled. */
  note?: string;
}
