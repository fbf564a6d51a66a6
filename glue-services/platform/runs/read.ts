import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { alive } from "./alive.ts";
import { componentsOf, type Planned } from "./fold.ts";
import type { RunDetail, RunSummary } from "./schemas.ts";

/** Folders of runs, newest first. */
export async function runIds(folder: string | undefined): Promise<string[]> {
  if (!folder) return [];
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((name) => runId.test(name))
    .sort()
    .reverse();
}

export const runId = /^\d{8}T\d{6}-[0-9a-f]+$/;

/** What a list shows of each. */
export async function listRuns(folder: string | undefined, limit: number): Promise<RunSummary[]> {
  const ids = (await runIds(folder)).slice(0, limit);
  const runs = await Promise.all(ids.map((id) => readRun(folder, id)));
  return runs.flatMap((run) => {
    if (!run) return [];
    const { components: _, ...summary } = run;
    return [summary];
  });
}

/** What a run planned and what has become of it; undefined when there is no such run. */
export async function readRun(folder: string | undefined, id: string): Promise<RunDetail | undefined> {
  if (!folder || !runId.test(id)) return undefined;
  const path = (name: string) => join(folder, id, name);
  const known = ended.get(path(""));
  if (known) return known;
  const [asked, outcome, runner, events] = await Promise.all([
    json(path("run.json")),
    json(path("result.json")),
    json(path("runner.json")),
    readFile(path("events.jsonl"), "utf8").catch(() => ""),
  ]);
  if (!asked) return undefined;
  const steps = Array.isArray(asked.steps) ? (asked.steps as Planned[]) : [];
  const components = componentsOf(steps, events.split("\n").map(parse));
  const all = components.flatMap((component) => component.steps);
  const state = await stateOf(outcome, runner);
  const run: RunDetail = {
    id,
    command: text(asked.mode) ?? "up",
    state,
    version: text(asked.version),
    startedAt: text(asked.createdAt),
    endedAt: text(outcome?.finishedAt),
    changes: {
      create: count(all, "create"),
      update: count(all, "update"),
      replace: count(all, "replace"),
      delete: count(all, "delete"),
      same: count(all, "same"),
    },
    steps: {
      done: all.filter((step) => step.state === "done" || step.state === "unchanged").length,
      total: all.length,
    },
    error: errorOf(components) ?? failureOf(outcome),
    components,
  };
  if (state !== "running") remember(path(""), run);
  return run;
}

/** An ended run does not change any more, so its files are read once. */
const ended = new Map<string, RunDetail>();

function remember(path: string, run: RunDetail): void {
  ended.set(path, run);
  for (const oldest of ended.keys()) {
    if (ended.size <= 100) break;
    ended.delete(oldest);
  }
}

type Json = Record<string, unknown>;

async function stateOf(outcome: Json | undefined, runner: Json | undefined): Promise<RunDetail["state"]> {
  if (outcome) return endings[text(outcome.status) ?? ""] ?? "interrupted";
  // Before its runner has said who it is, a run is about to begin.
  if (typeof runner?.pid !== "number") return "running";
  const { pid, started } = runner;
  return (await alive({ pid, ...(typeof started === "string" && { started }) })) ? "running" : "interrupted";
}

const endings: Record<string, RunDetail["state"]> = { done: "succeeded", failed: "failed", interrupted: "interrupted" };

function errorOf(components: RunDetail["components"]): RunDetail["error"] | undefined {
  for (const component of components) {
    const step = component.steps.find(({ state }) => state === "failed");
    if (!step) continue;
    const message = step.message ?? "It failed.";
    return { component: component.name, step: `${step.kind} ${step.name}`, message, hint: step.hint };
  }
  return undefined;
}

/** An error that belongs to no resource: the run could not even begin. */
function failureOf(outcome: Json | undefined): RunDetail["error"] {
  const error = outcome?.error as Json | undefined;
  const message = text(error?.message);
  return message ? { component: "", step: "", message, hint: text(error?.hint) } : null;
}

function count(steps: { operation: string }[], operation: string): number {
  return steps.filter((step) => step.operation === operation).length;
}

async function json(path: string): Promise<Json | undefined> {
  const content = await readFile(path, "utf8").catch(() => undefined);
  return content === undefined ? undefined : parse(content);
}

/** A line that is only half written yet counts as empty. */
function parse(line: string): Json {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? (value as Json) : {};
  } catch {
    return {};
  }
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
