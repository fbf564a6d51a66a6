import { spawn } from "node:child_process";
import { appendFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type StackPaths, stackPaths } from "../../../components/provider/paths.ts";
import { alive, identify } from "../../../installer/process-identity.ts";
import type { RunEvent } from "../../../installer/run/event.ts";
import { type Followed, follow } from "../../../installer/run/follow.ts";
import { recorder } from "../../../installer/run/record.ts";
import {
  createRun,
  listRuns,
  liveRun,
  type RunFolder,
  readRequest,
  runnerOf,
  writeAtomic,
} from "../../../installer/run/run.ts";
import { startRunner } from "../../../installer/run/start.ts";

const request = { version: "0.1.0", mode: "up" as const, options: {}, steps: [], cwd: "/" };
let home: string;
let paths: StackPaths;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "devflow-run-"));
  paths = stackPaths(home, "home");
});
afterEach(() => rm(home, { recursive: true, force: true }));

test("a follower gets what happened before and what happens after, in order, and the end", async () => {
  const run = await begun(process.pid);
  const record = recorder(run);
  record(event("one"));
  const seen: string[] = [];
  for await (const followed of follow(run)) {
    if (followed.kind === "event") seen.push(followed.event.urn);
    if (followed.kind === "idle" && seen.length === 1) {
      // Half a line is a write in progress; it must not be read as one.
      await appendFile(run.events, JSON.stringify(event("two")).slice(0, 20));
      setTimeout(() => appendFile(run.events, `${JSON.stringify(event("two")).slice(20)}\n`), 150);
      seen.push("waited");
    }
    if (seen.includes("two")) await writeAtomic(run.outcome, { finishedAt: "", status: "done" });
    if (followed.kind === "end") seen.push(followed.outcome?.status ?? "died");
  }
  expect(seen).toEqual(["one", "waited", "two", "done"]);
});

test("a follower notices that the runner was killed", async () => {
  const child = spawn("sleep", ["60"]);
  const run = await begun(child.pid ?? 0);
  expect((await liveRun(paths))?.id).toBe(run.id);
  child.kill("SIGKILL");
  await new Promise((resolve) => child.once("exit", resolve));
  expect(await last(run)).toEqual({ kind: "end", outcome: undefined });
  expect(await liveRun(paths)).toBeUndefined();
});

test("a runner that takes long to begin is not taken for dead, nor is another one started beside it", async () => {
  const run = await createRun(paths, { ...request, cwd: home });
  const asked = await readRequest(run);
  // Whatever a run without a process is given for a sign of life is over.
  await writeAtomic(run.request, { ...asked, createdAt: new Date(Date.now() - 3_600_000).toISOString() });
  await startRunner(run, { ...process.env, DEVFLOW_HOME: home });
  const runner = await runnerOf(run);
  process.kill(runner?.pid ?? 0, "SIGSTOP");
  expect((await liveRun(paths))?.id).toBe(run.id);
  process.kill(runner?.pid ?? 0, "SIGKILL");
  expect(await last(run)).toEqual({ kind: "end", outcome: undefined });
});

test("a process number that was given to another process is not taken for the runner", async () => {
  const self = await identify(process.pid);
  expect(self && (await alive(self))).toBe(true);
  expect(await alive({ pid: process.pid, started: "another time" })).toBe(false);
});

test("progress is written at most four times a second, a new phase always", async () => {
  const run = await begun(process.pid);
  const record = recorder(run);
  for (let at = 0; at < 1000; at += 10)
    record({ ...event("x"), at, state: "progress", progress: { phase: "downloading" } });
  record({ ...event("x"), at: 1000, state: "progress", progress: { phase: "verifying" } });
  await writeAtomic(run.outcome, { finishedAt: "", status: "done" });
  const phases: unknown[] = [];
  for await (const followed of follow(run)) if (followed.kind === "event") phases.push(followed.event.progress?.phase);
  expect(phases).toEqual(["downloading", "downloading", "downloading", "downloading", "verifying"]);
});

test("only the last twenty runs are kept", async () => {
  for (let index = 0; index < 23; index++) await createRun(paths, request);
  expect(await listRuns(paths)).toHaveLength(20);
});

async function begun(pid: number): Promise<RunFolder> {
  const run = await createRun(paths, request);
  await writeAtomic(run.runner, await identify(pid));
  return run;
}

async function last(run: RunFolder): Promise<Followed | undefined> {
  let found: Followed | undefined;
  for await (const followed of follow(run)) found = followed;
  return found;
}

function event(urn: string): RunEvent {
  return { at: Date.now(), state: "started", urn, operation: "create" };
}
