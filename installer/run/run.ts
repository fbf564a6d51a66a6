import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Static, Type } from "typebox";
import type { StackPaths } from "../../components/provider/paths.ts";
import { alive, type ProcessIdentity } from "../process-identity.ts";
import { PlannedStep } from "./event.ts";

/** What a run was asked to do: all a runner needs to open the same stack in the same way. */
export const RunRequest = Type.Object({
  id: Type.String(),
  /** ISO 8601. */
  createdAt: Type.String(),
  /** Version of DevFlow that made it. */
  version: Type.String(),
  mode: Type.Union([Type.Literal("up"), Type.Literal("destroy")]),
  /** Options that `openStack` takes. */
  options: Type.Object({
    stack: Type.Optional(Type.String()),
    answers: Type.Optional(Type.String()),
    set: Type.Optional(Type.Array(Type.String())),
  }),
  cwd: Type.String(),
  /** What the plan said when it was agreed to: lets anyone show every component from the first moment. */
  steps: Type.Array(PlannedStep),
});
export type RunRequest = Static<typeof RunRequest>;

/** How a run ended. */
export const RunOutcome = Type.Object({
  finishedAt: Type.String(),
  status: Type.Union([Type.Literal("done"), Type.Literal("failed"), Type.Literal("interrupted")]),
  error: Type.Optional(
    Type.Object({ code: Type.String(), message: Type.String(), hint: Type.String(), docs: Type.String() }),
  ),
});
export type RunOutcome = Static<typeof RunOutcome>;

/** Files of one run; the folder's name is its id and sorts by time. */
export interface RunFolder {
  id: string;
  root: string;
  request: string;
  /** Identity of the runner's process, written when it begins. */
  runner: string;
  /** One JSON event a line. */
  events: string;
  /** Written once, at the end. */
  outcome: string;
  /** Whatever the runner's process says besides. */
  log: string;
  /** Every setting in force and where it came from, redacted. */
  settings: string;
}

const kept = 20;

export function runFolder(root: string): RunFolder {
  return {
    id: root.split("/").at(-1) ?? root,
    root,
    request: join(root, "run.json"),
    runner: join(root, "runner.json"),
    events: join(root, "events.jsonl"),
    outcome: join(root, "result.json"),
    log: join(root, "runner.log"),
    settings: join(root, "settings.json"),
  };
}

/** Makes the folder of a new run and lets go of all but the last twenty. */
export async function createRun(paths: StackPaths, request: Omit<RunRequest, "id" | "createdAt">): Promise<RunFolder> {
  const now = new Date().toISOString();
  const id = `${now.replaceAll(/[-:]|\.\d+Z$/g, "")}-${randomBytes(3).toString("hex")}`;
  const folder = runFolder(join(paths.runs, id));
  await mkdir(folder.root, { recursive: true, mode: 0o700 });
  await writeFile(folder.events, "", { mode: 0o600 });
  await writeAtomic(folder.request, { id, createdAt: now, ...request } satisfies RunRequest);
  const old = (await listRuns(paths)).slice(kept);
  await Promise.all(old.map((run) => rm(run.root, { recursive: true, force: true })));
  return folder;
}

/** All runs, the latest first. */
export async function listRuns(paths: StackPaths): Promise<RunFolder[]> {
  const names = await readdir(paths.runs).catch(() => []);
  const ids = names.filter((name) => /^\d{8}T\d{6}-[0-9a-f]{6}$/.test(name));
  return ids
    .sort()
    .reverse()
    .map((id) => runFolder(join(paths.runs, id)));
}

/** The run that is being executed now, if there is one. */
export async function liveRun(paths: StackPaths): Promise<RunFolder | undefined> {
  for (const run of await listRuns(paths)) {
    if ((await readOutcome(run)) === undefined && (await isAlive(run))) return run;
  }
  return undefined;
}

/** Whether the last run did all that it should. True also where none is recorded. */
export async function lastRunEnded(paths: StackPaths): Promise<boolean> {
  const [last] = await listRuns(paths);
  return last === undefined || (await readOutcome(last))?.status === "done";
}

export async function readOutcome(run: RunFolder): Promise<RunOutcome | undefined> {
  return readJson<RunOutcome>(run.outcome);
}

export async function readRequest(run: RunFolder): Promise<RunRequest | undefined> {
  return readJson<RunRequest>(run.request);
}

export async function runnerOf(run: RunFolder): Promise<ProcessIdentity | undefined> {
  return readJson<ProcessIdentity>(run.runner);
}

/** True while the runner's process is there; a run that has not written its process yet gets a few seconds for that. */
export async function isAlive(run: RunFolder): Promise<boolean> {
  const runner = await runnerOf(run);
  if (runner) return alive(runner);
  const request = await readRequest(run);
  return request !== undefined && Date.now() - Date.parse(request.createdAt) < 10_000;
}

/** Readers see the old file or the new one, never half of it. */
export async function writeAtomic(path: string, value: unknown): Promise<void> {
  const draft = `${path}.${process.pid}.new`;
  await writeFile(draft, `${JSON.stringify(value)}\n`, { mode: 0o600 });
  await rename(draft, path);
}

async function readJson<T>(path: string): Promise<T | undefined> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  return text === undefined ? undefined : (JSON.parse(text) as T);
}
