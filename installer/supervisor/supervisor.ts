import { EventEmitter, once } from "node:events";
import { isDeepStrictEqual } from "node:util";
import { DevflowError } from "../../components/error.ts";
import type { StackPaths } from "../../components/provider/paths.ts";
import type { ProcessSpec, ProcessStatus } from "../../components/provider/process.ts";
import { findRunning } from "./adoption.ts";
import type { KnownProcess, PutResult, SupervisorEvent, WaitResult } from "./api.ts";
import { noFailures } from "./backoff.ts";
import { blockedBy, refuseCycle, stopOrder, trouble, verdictOn } from "./dependencies.ts";
import { enter, leave, live, type Surroundings } from "./life.ts";
import { stackMarker } from "./marker.ts";
import { recordFiles } from "./records.ts";
import type { Running } from "./start-process.ts";
import { type Supervised, statusOf, supervised } from "./supervised.ts";
import { measure } from "./usage.ts";

export type Supervisor = Awaited<ReturnType<typeof createSupervisor>>;

/**
 * Keeps the processes of one stack. First takes over what a former supervisor left: living processes are adopted, those
 * that should run and do not are started in dependency order.
 *
 * @param options.hold leaves what does not run alone: for `down` after the supervisor was killed.
 */
export async function createSupervisor(paths: StackPaths, options: { log(line: string): void; hold?: boolean }) {
  const known = new Map<string, Supervised>();
  const stack = stackMarker(paths.root);
  const records = recordFiles(paths);
  let ending = false;
  const bus = new EventEmitter<{ event: [SupervisorEvent] }>().setMaxListeners(0);
  const around: Surroundings = {
    paths,
    stack,
    log: options.log,
    keep,
    changed: (process) => bus.emit("event", { type: "state", status: status(process) }),
    nextChange: async (signal) => void (await once(bus, "event", { signal })),
    blockedBy: (process) => blockedBy(process, known),
  };
  await resume();

  return {
    list: async (): Promise<ProcessStatus[]> => Promise.all([...known.values()].map(measuredStatus)),
    get: async (name: string): Promise<KnownProcess> => {
      const process = find(name);
      return { spec: process.record.spec, status: await measuredStatus(process) };
    },
    put,
    start: (name: string): Promise<ProcessStatus> => change(name, start),
    stop: (name: string): Promise<ProcessStatus> => change(name, (process) => stop(process, "stopped")),
    restart: (name: string): Promise<ProcessStatus> => change(name, restart),
    remove,
    stopAll,
    detach,
    wait,
    watch: (listener: (event: SupervisorEvent) => void): (() => void) => {
      for (const process of known.values()) listener({ type: "state", status: status(process) });
      bus.on("event", listener);
      return () => bus.off("event", listener);
    },
    /** Looks at every family, so that processes which leave their group stay known; also feeds processor use. */
    look: async (): Promise<void> => {
      for (const process of known.values()) await take(process, false);
    },
    names: (): string[] => [...known.keys()],
  };

  /** Makes it run as specified; the same specification again only starts what is not running or waits to be retried. */
  async function put(spec: ProcessSpec): Promise<PutResult> {
    refuseCycle(spec.name, spec.after, known);
    const former = known.get(spec.name);
    const process = former ?? supervised({ spec, wanted: "running", restarts: 0 });
    known.set(spec.name, process);
    return await inTurn(process, async () => {
      if (former && isSettled(process) && isDeepStrictEqual(process.record.spec, spec)) {
        return { change: "same", status: await measuredStatus(process) };
      }
      // The former process ends before the new specification is on disk: whoever reads the record must never take the one
      // for the other. That it can be written is tried first, so that a full disk stops nothing.
      if (former) {
        records.save(process.record, { again: true });
        await stop(process, "running");
      }
      const record = { ...process.record, spec };
      try {
        records.save(record);
      } catch (error) {
        if (former) begin(process);
        else known.delete(spec.name);
        throw error;
      }
      process.record = record;
      known.set(spec.name, process);
      begin(process);
      return { change: former ? "restarted" : "created", status: status(process) };
    });
  }

  async function remove(name: string): Promise<{ removed: boolean }> {
    const process = known.get(name);
    if (!process) return { removed: false };
    await inTurn(process, async () => {
      await stop(process, "removed");
      records.forget(name);
      if (known.get(name) === process) known.delete(name);
      bus.emit("event", { type: "removed", name });
    });
    return { removed: true };
  }

  /** Stops all, dependents first. @param wanted running: they start again with the next supervisor (a shutdown). */
  async function stopAll(wanted: "running" | "stopped"): Promise<string[]> {
    ending = true;
    for (const group of stopOrder(known)) {
      const found = group.flatMap((name) => known.get(name) ?? []);
      await Promise.all(found.map((process) => inTurn(process, () => stop(process, wanted))));
    }
    return [...known.keys()];
  }

  /** Lets go of all processes without stopping them. */
  async function detach(): Promise<void> {
    ending = true;
    for (const process of known.values()) process.life?.stop.abort(leave);
    await Promise.all([...known.values()].map((process) => process.life?.done));
  }

  /** Waits until it is ready, or cannot be expected to become so, or the time (milliseconds) is up. */
  async function wait(name: string, timeout: number, signal: AbortSignal): Promise<WaitResult> {
    const until = AbortSignal.any([signal, AbortSignal.timeout(timeout)]);
    for (;;) {
      const process = find(name);
      const failed = verdictOn(process, known) ?? (process.record.wanted === "running" ? undefined : "was stopped");
      const outcome = process.state === "ready" ? "ready" : failed ? "failed" : "pending";
      if (outcome !== "pending" || until.aborted) {
        return { outcome, reason: failed ?? process.reason, status: await measuredStatus(process) };
      }
      await around.nextChange(until).catch(() => undefined);
    }
  }

  async function resume(): Promise<void> {
    const found = await findRunning(paths, stack, options.log);
    for (const { record } of found) known.set(record.spec.name, supervised(record));
    for (const { record, running } of found) {
      const process = find(record.spec.name);
      if (record.wanted === "running") {
        if (running || !options.hold) begin(process, running);
      } else if (running) {
        begin(process, running);
        await (record.wanted === "removed" ? remove(record.spec.name) : stop(process, "stopped"));
      } else if (record.wanted === "removed") await remove(record.spec.name);
    }
  }

  /** @throws DevflowError SUPERVISOR_UNREACHABLE when the supervisor is about to end: the next one is to be asked. */
  function begin(process: Supervised, running?: Running): void {
    if (ending) throw new DevflowError("SUPERVISOR_UNREACHABLE", "The supervisor is ending.", { hint: "Try again." });
    const abort = new AbortController();
    process.failures = noFailures();
    process.verdict = undefined;
    process.tryingSince = performance.now();
    process.lastLines = [];
    if (running) process.record.main = running.main;
    enter(process, around, running ? "starting" : "waiting");
    const done = live(process, around, abort.signal, running).catch((error: Error) => {
      options.log(`${process.record.spec.name}: ${error.stack}`);
    });
    process.life = { stop: abort, done };
  }

  async function stop(process: Supervised, wanted: "running" | "stopped" | "removed"): Promise<void> {
    process.record.wanted = wanted;
    keep(process);
    process.life?.stop.abort();
    await process.life?.done;
    process.life = undefined;
    process.verdict = undefined;
    process.lastLines = [];
    enter(process, around, "stopped");
  }

  async function start(process: Supervised): Promise<void> {
    if (!isSettled(process)) await restart(process);
  }

  /** Runs or is about to, and does not wait for another try. */
  function isSettled({ life, state }: Supervised): boolean {
    return life !== undefined && state !== "backoff" && state !== "crashloop";
  }

  async function restart(process: Supervised): Promise<void> {
    await stop(process, "running");
    begin(process);
  }

  async function change(name: string, how: (process: Supervised) => Promise<void>): Promise<ProcessStatus> {
    const process = find(name);
    await inTurn(process, () => how(process));
    return status(process);
  }

  /** Changes of one process are made one after the other, in the order they were asked for. */
  function inTurn<Result>(process: Supervised, what: () => Promise<Result>): Promise<Result> {
    const turn = process.queue.then(what);
    process.queue = turn.catch(() => undefined);
    return turn;
  }

  function find(name: string): Supervised {
    const process = known.get(name);
    if (process) return process;
    throw new DevflowError("NOT_FOUND", `There is no process named ${name}.`, {
      hint: known.size > 0 ? `There are ${[...known.keys()].sort().join(", ")}.` : "Nothing has been started yet.",
    });
  }

  function status(process: Supervised): ProcessStatus {
    return statusOf(process, paths.log(process.record.spec.name), trouble(process, known));
  }

  async function measuredStatus(process: Supervised): Promise<ProcessStatus> {
    await take(process, true);
    return status(process);
  }

  async function take(process: Supervised, memory: boolean): Promise<void> {
    const { main } = process.record;
    if (!main) return;
    const measured = await measure(main, process.measured, { memory });
    if (process.record.main === main) process.measured = measured;
  }

  function keep({ record }: Supervised): void {
    try {
      records.save(record);
    } catch (error) {
      options.log((error as Error).message);
    }
  }
}
