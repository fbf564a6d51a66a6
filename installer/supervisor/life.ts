import { setTimeout as sleep } from "node:timers/promises";
import type { StackPaths } from "../../components/provider/paths.ts";
import type { ProcessState } from "../../components/provider/process.ts";
import { forgetAfter, nextTry, noFailures } from "./backoff.ts";
import { childEnvironment } from "./child-environment.ts";
import { endGracefully, sweep } from "./end.ts";
import { foreignListener } from "./listeners.ts";
import { quotableLines } from "./log-reading.ts";
import { attempt } from "./probe.ts";
import type { Identity } from "./process-table.ts";
import { type Exit, type Running, startProcess } from "./start-process.ts";
import { lastSeen, type Supervised } from "./supervised.ts";
import { nothingMeasured } from "./usage.ts";

/** What a life needs of the supervisor around it. */
export interface Surroundings {
  paths: StackPaths;
  /** First part of the marker in the environment. */
  stack: string;
  log(line: string): void;
  /** Writes the record; a full disk is logged and survived. */
  keep(process: Supervised): void;
  /** Announces a change of state. */
  changed(process: Supervised): void;
  /** Resolves at the next change of any process. */
  nextChange(signal: AbortSignal): Promise<void>;
  /** What is missing before the process may start, in words; undefined when nothing is. */
  blockedBy(process: Supervised): string | undefined;
}

/** Reason of an abort after which the process is to run on, for the next supervisor to adopt. */
export const leave = Symbol("leave the process running");

/** Lines of the log that a failed process shows. */
const shownLines = 20;

/**
 * Keeps one process running until the signal: waits for its dependencies, starts it, watches it, starts it again when it
 * ends. Returns when it is stopped with all its family, or at once when the signal's reason is `leave`.
 *
 * @param adopted the process when it runs already.
 */
export async function live(
  process: Supervised,
  around: Surroundings,
  signal: AbortSignal,
  adopted?: Running,
): Promise<void> {
  for (let running = adopted; !signal.aborted; running = undefined) {
    const failure = await oneRun(process, around, signal, running).catch((error: Error) =>
      signal.aborted ? undefined : { reason: `cannot be started: ${error.message}`, hopeless: true },
    );
    if (signal.aborted || !failure) break;
    await pauseAfter(process, around, signal, failure);
  }
}

/** Puts a process into a state and tells everybody, if that is any news. */
export function enter(process: Supervised, around: Surroundings, state: ProcessState, reason?: string): void {
  if (process.state === state && process.reason === reason) return;
  if (process.state !== state) {
    process.since = new Date().toISOString();
    around.log(`${process.record.spec.name}: ${state}${reason ? `: ${reason}` : ""}`);
  }
  process.state = state;
  process.reason = reason;
  around.changed(process);
}

interface Failure {
  reason: string;
  /** Waiting for it any longer makes no sense. */
  hopeless: boolean;
}

/** From start to end; undefined when it was stopped on request. */
async function oneRun(
  process: Supervised,
  around: Surroundings,
  signal: AbortSignal,
  adopted: Running | undefined,
): Promise<Failure | undefined> {
  const running = adopted ?? (await begin(process, around, signal));
  const { main } = running;
  const { name } = process.record.spec;
  const ending = { main, marker: { stack: around.stack, name } };
  enter(process, around, "starting");
  const watching = new AbortController();
  const health = observe(process, around, main, AbortSignal.any([signal, watching.signal]));
  const end = await Promise.race([running.exited, health]);
  watching.abort();
  if (signal.aborted && signal.reason === leave) return undefined;
  const lastProblem = process.reason;
  if (typeof end === "string" || "foreign" in end || signal.aborted) {
    const why = end === "timeout" ? "it took too long to start" : undefined;
    enter(process, around, "stopping", typeof end === "object" && "foreign" in end ? end.foreign : why);
    const left = await endGracefully({ ...ending, known: lastSeen(process) }, process.record.spec.stop);
    if (left.length > 0) around.log(`${name}: could not end process ${left.join(", ")}`);
    await Promise.race([running.exited, sleep(1000)]);
  } else {
    process.record.lastExit = { ...end, at: new Date().toISOString() };
    await sweep({ ...ending, known: lastSeen(process) });
  }
  delete process.record.main;
  around.keep(process);
  if (signal.aborted || end === "stopped") return undefined;
  if (typeof end === "object" && "foreign" in end) return { reason: end.foreign, hopeless: true };
  if (end === "timeout") {
    const { startTimeout } = process.record.spec.ready;
    return { reason: `was not ready within ${startTimeout / 1000} s${note(lastProblem)}`, hopeless: true };
  }
  return { reason: inWords(end), hopeless: false };
}

async function begin(process: Supervised, around: Surroundings, signal: AbortSignal): Promise<Running> {
  for (let missing = around.blockedBy(process); missing; missing = around.blockedBy(process)) {
    enter(process, around, "waiting", missing);
    await around.nextChange(signal);
  }
  signal.throwIfAborted();
  const { spec } = process.record;
  const { main: _former, ...intent } = process.record;
  process.record = intent;
  around.keep(process);
  const running = await startProcess(spec, around.paths, `${around.stack}/${spec.name}`);
  process.record.main = running.main;
  process.record.startedAt = new Date().toISOString();
  process.measured = nothingMeasured();
  around.keep(process);
  return running;
}

/** How often in a row another program may have one of the ports before the process is given up. */
const patience = 3;

/**
 * Probes until the signal, and tells when the process is not ready in time, or when another program answers in its place:
 * whoever waits for it would talk to that one.
 */
async function observe(
  process: Supervised,
  around: Surroundings,
  main: Identity,
  signal: AbortSignal,
): Promise<"timeout" | "stopped" | { foreign: string }> {
  const { spec } = process.record;
  const surroundings = { env: childEnvironment(spec.env, `${around.stack}/${spec.name}/probe`), cwd: spec.cwd };
  const begin = performance.now();
  let readySince: number | undefined;
  let everReady = false;
  let failed = 0;
  let usurped = 0;
  for (let pause = 50; !signal.aborted; ) {
    let problem = await attempt(spec.ready, surroundings, signal);
    if (problem === undefined && readySince === undefined) {
      problem = await foreignListener(spec, main, lastSeen(process));
      usurped = problem === undefined ? 0 : usurped + 1;
      if (problem !== undefined && usurped >= patience) return { foreign: problem };
    }
    if (signal.aborted) break;
    if (problem === undefined) {
      readySince ??= performance.now();
      everReady = true;
      failed = 0;
      if (performance.now() - readySince >= forgetAfter) process.failures = noFailures();
      process.verdict = undefined;
      process.tryingSince = undefined;
      process.lastLines = [];
      enter(process, around, "ready");
    } else if (everReady) {
      failed += 1;
      // One lost answer of a busy machine is no news; two in a row are.
      if (failed > 1) {
        readySince = undefined;
        enter(process, around, "unready", problem);
      }
    } else {
      process.reason = problem;
      if (performance.now() - begin > spec.ready.startTimeout) return "timeout";
    }
    pause = everReady
      ? failed > 0
        ? Math.min(1000, spec.ready.interval)
        : spec.ready.interval
      : Math.min(pause * 1.3, 250);
    await sleep(pause, undefined, { signal }).catch(() => undefined);
  }
  return "stopped";
}

async function pauseAfter(
  process: Supervised,
  around: Surroundings,
  signal: AbortSignal,
  { reason, hopeless }: Failure,
): Promise<void> {
  const { failures, pause } = nextTry(process.failures, performance.now(), Math.random());
  process.failures = failures;
  process.record.restarts += 1;
  process.lastLines = quotableLines(around.paths.log(process.record.spec.name), shownLines);
  const times = failures.inRow > 1 ? `, ${failures.inRow} times in a row` : "";
  const next = `; next start in ${pause < 1000 ? `${pause} ms` : `${Math.round(pause / 1000)} s`}`;
  const what = `${reason}${times}`;
  const now = performance.now();
  process.tryingSince ??= now;
  const tooLong = now - process.tryingSince > process.record.spec.ready.startTimeout;
  if (hopeless || failures.crashloop || tooLong) process.verdict = what;
  around.keep(process);
  enter(process, around, failures.crashloop ? "crashloop" : "backoff", what + next);
  await sleep(pause, undefined, { signal }).catch(() => undefined);
}

function inWords({ code, signal }: Exit): string {
  if (signal) return `was ended by ${signal}`;
  return code === null ? "ended" : `exited with code ${code}`;
}

function note(text: string | undefined): string {
  return text ? ` (${text})` : "";
}
