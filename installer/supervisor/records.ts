import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Static, Type } from "typebox";
import { Compile } from "typebox/compile";
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

/** Written in one piece and in full before it returns; environments may hold secrets, so only the owner may read it. */
export function writeRecord(paths: StackPaths, record: ProcessRecord): void {
  mkdirSync(folder(paths), { recursive: true, mode: 0o700 });
  writeAtomically(file(paths, record.spec.name), JSON.stringify(record));
}

export function forgetRecord(paths: StackPaths, name: string): void {
  rmSync(file(paths, name), { force: true });
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

function folder(paths: StackPaths): string {
  return join(paths.supervisor, "processes");
}

function file(paths: StackPaths, name: string): string {
  return join(folder(paths), `${name}.json`);
}
