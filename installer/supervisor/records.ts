import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Static, Type } from "typebox";
import { Compile } from "typebox/compile";
import { DevflowError } from "../../components/error.ts";
import type { StackPaths } from "../../components/provider/paths.ts";
import { ProcessSpec } from "../../components/provider/process.ts";
import { writeAtomically } from "./write-atomically.ts";

/**
 * What the supervisor must know again after it was killed or the machine restarted. `main` is absent from before a
 * start until after it: in between only the marker in the environment tells of the process.
 */
export const ProcessRecord = Type.Object({
  spec: ProcessSpec,
  /** removed: it is being stopped, and its record goes away with it. */
  wanted: Type.Union([Type.Literal("running"), Type.Literal("stopped"), Type.Literal("removed")]),
  main: Type.Optional(Type.Object({ pid: Type.Integer(), start: Type.String() })),
  startedAt: Type.Optional(Type.String()),
  restarts: Type.Integer(),
  lastExit: Type.Optional(
    Type.Object({
      code: Type.Union([Type.Integer(), Type.Null()]),
      signal: Type.Union([Type.String(), Type.Null()]),
      at: Type.String(),
    }),
  ),
});
export type ProcessRecord = Static<typeof ProcessRecord>;

/** Where one supervisor keeps its records. */
export interface RecordFiles {
  /**
   * Written in one piece and in full before it returns. Waits for the disk, so a record that is there already is written
   * only if it is to be tried `again`.
   *
   * @throws DevflowError DISK_FULL, COMMAND_FAILED
   */
  save(record: ProcessRecord, options?: { again: boolean }): void;
  forget(name: string): void;
}

export function recordFiles(paths: StackPaths): RecordFiles {
  const saved = new Map<string, string>();
  makeFolder(paths);
  return {
    save(record, options) {
      const { name } = record.spec;
      const text = JSON.stringify(record);
      if (saved.get(name) === text && !options?.again) return;
      saved.delete(name);
      write(paths, record);
      saved.set(name, text);
    },
    forget(name) {
      rmSync(file(paths, name), { force: true });
      saved.delete(name);
    },
  };
}

/** @throws DevflowError DISK_FULL, COMMAND_FAILED */
export function writeRecord(paths: StackPaths, record: ProcessRecord): void {
  makeFolder(paths);
  write(paths, record);
}

/** Makes no folder: a stack that was removed must not come back in pieces. */
function write(paths: StackPaths, record: ProcessRecord): void {
  try {
    // Environments may hold secrets: only the owner may read it.
    writeAtomically(file(paths, record.spec.name), JSON.stringify(record));
  } catch (error) {
    throw unwritable(record.spec.name, paths, error as NodeJS.ErrnoException);
  }
}

/**
 * All records of a stack, also without a running supervisor. A damaged one is set aside under `<file>.damaged` and named
 * to `damaged`: its process is then found by its marker.
 */
export function readRecords(paths: StackPaths, damaged: (file: string) => void = () => {}): ProcessRecord[] {
  return names(paths).flatMap((name) => {
    const path = file(paths, name);
    try {
      const record: unknown = JSON.parse(readFileSync(path, "utf8"));
      if (recordCheck.Check(record) && record.spec.name === name) return record;
    } catch (error) {
      if (!(error instanceof SyntaxError)) return [];
    }
    damaged(path);
    renameSync(path, `${path}.damaged`);
    return [];
  });
}

const recordCheck = Compile(ProcessRecord);

function names(paths: StackPaths): string[] {
  try {
    return readdirSync(folder(paths)).flatMap((entry) => (entry.endsWith(".json") ? entry.slice(0, -5) : []));
  } catch {
    return [];
  }
}

function makeFolder(paths: StackPaths): void {
  mkdirSync(folder(paths), { recursive: true, mode: 0o700 });
}

function folder(paths: StackPaths): string {
  return join(paths.supervisor, "processes");
}

function file(paths: StackPaths, name: string): string {
  return join(folder(paths), `${name}.json`);
}

function unwritable(name: string, paths: StackPaths, cause: NodeJS.ErrnoException): DevflowError {
  const full = cause.code === "ENOSPC";
  const message = `The record of ${name} cannot be written to ${paths.supervisor}: ${cause.message}.`;
  return new DevflowError(full ? "DISK_FULL" : "COMMAND_FAILED", message, {
    hint: full
      ? "Free some space there, then run `./devflow up` again."
      : "Make the folder writable, then run it again.",
    cause,
  });
}
