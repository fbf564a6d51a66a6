import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Progress, Run } from "../schemas.ts";

/**
 * The run under way, else the last one; undefined when there was none. A run is a folder whose name sorts by time, with
 * `run.json` (what was asked), `events.jsonl` (one event a line) and, once ended, `result.json`.
 */
export async function readLastRun(folder: string | undefined): Promise<Run | undefined> {
  if (!folder) return undefined;
  const names = await readdir(folder).catch(() => []);
  const id = names
    .filter((name) => /^\d{8}T\d{6}-[0-9a-f]+$/.test(name))
    .sort()
    .at(-1);
  if (!id) return undefined;
  const [request, outcome, events] = await Promise.all([
    readJson(join(folder, id, "run.json")),
    readJson(join(folder, id, "result.json")),
    readFile(join(folder, id, "events.jsonl"), "utf8").catch(() => ""),
  ]);
  return {
    id,
    command: text(request.mode) ?? "up",
    state: endings[text(outcome.status) ?? ""] ?? "running",
    startedAt: text(request.createdAt) ?? null,
    endedAt: text(outcome.finishedAt) ?? null,
    steps: stepsOf(events),
  };
}

const endings: Record<string, Run["state"]> = { done: "succeeded", failed: "failed", interrupted: "interrupted" };

/** Folds the events into the present state of each resource, in the order in which their work began. */
function stepsOf(lines: string): Run["steps"] {
  const steps = new Map<string, Run["steps"][number]>();
  for (const line of lines.split("\n")) {
    const { urn, state, progress } = parse(line);
    const end = typeof state === "string" ? stepStates[state] : undefined;
    if (typeof urn !== "string" || !end) continue;
    const running = end === "running" ? (progressOf(progress) ?? steps.get(urn)?.progress ?? null) : null;
    steps.set(urn, { name: urn.split("::").at(-1) ?? urn, state: end, progress: running });
  }
  return [...steps.values()];
}

const stepStates: Record<string, Run["steps"][number]["state"]> = {
  started: "running",
  progress: "running",
  done: "done",
  failed: "failed",
  skipped: "skipped",
};

function progressOf(value: unknown): Progress | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { phase, done, total, eta, note } = value as Record<string, unknown>;
  if (typeof phase !== "string") return undefined;
  const percent = typeof done === "number" && typeof total === "number" && total > 0 ? (100 * done) / total : null;
  return {
    phase,
    percent: percent === null ? null : Math.min(100, Math.floor(percent)),
    eta: typeof eta === "number" ? Math.round(eta) : null,
    note: text(note) ?? null,
  };
}

async function readJson(path: string): Promise<Record<string, unknown>> {
  return parse(await readFile(path, "utf8").catch(() => ""));
}

/** A line that is only half written yet counts as empty. */
function parse(line: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
