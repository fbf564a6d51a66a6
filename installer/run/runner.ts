import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { EngineEvent } from "../engine/events.ts";
import { explained } from "../explained.ts";
import { identify } from "../process-identity.ts";
import { openStack } from "../stack.ts";
import { errorJson } from "../terminal/error.ts";
import { recorder } from "./record.ts";
import { type RunFolder, type RunOutcome, type RunRequest, runFolder, writeAtomic } from "./run.ts";
import { translated } from "./translate.ts";

/**
 * Carries out one run: `node runner.ts --run <folder of the run>`. It belongs to no terminal; whoever wants to know reads
 * its events. The first SIGINT lets the steps in hand finish, the second one drops them; both leave a state that resumes.
 */

const { values } = parseArgs({ options: { run: { type: "string" } } });
if (values.run === undefined) throw new Error("Usage: node runner.ts --run <folder of the run>");
const run = runFolder(values.run);
await writeAtomic(run.runner, await identify(process.pid));
await writeAtomic(run.outcome, await carryOut(run).catch(failed));
process.exit(0);

async function carryOut(run: RunFolder): Promise<RunOutcome> {
  const request = JSON.parse(readFileSync(run.request, "utf8")) as RunRequest;
  const soft = new AbortController();
  const hard = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => (soft.signal.aborted ? hard : soft).abort(new Error("interrupted")));
  }
  process.on("SIGHUP", () => {});
  const stack = await openStack({ env: process.env, cwd: request.cwd }, request.options);
  const settings = Object.entries(stack.sources).map(([path, source]) => explained(path, source));
  await writeAtomic(run.settings, settings);
  const result = await stack.engine.run({
    mode: request.mode,
    signal: soft.signal,
    hardSignal: hard.signal,
    onEvent: keep(run, request),
  });
  const finishedAt = new Date().toISOString();
  if (result.interrupted) return { finishedAt, status: "interrupted" };
  const [first] = result.failed;
  return first ? { ...failed(first.error), finishedAt } : { finishedAt, status: "done" };
}

/** Steps go to the events, everything else the engine has to say to the log. */
function keep(run: RunFolder, request: RunRequest): (event: EngineEvent) => void {
  const record = recorder(run);
  const operations = new Map(request.steps.map(({ urn, operation }) => [urn, operation]));
  return (event) => {
    if ("step" in event) operations.set(event.step.urn, event.step.op);
    const kept = translated(event, (urn) => operations.get(urn) ?? "create");
    if (kept) record(kept);
    if (event.kind === "diagnostic") console.error(`${event.at} ${event.severity} ${event.message}`);
    if (event.kind === "failed") console.error(`${event.at} ${event.step.name} failed: ${event.error.message}`);
  };
}

function failed(error: unknown): RunOutcome {
  console.error(error);
  return { finishedAt: new Date().toISOString(), status: "failed", ...errorJson(error) };
}
