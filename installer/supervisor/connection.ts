import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { StackPaths } from "../../components/provider/paths.ts";
import type { ProcessSpec, ProcessStatus } from "../../components/provider/process.ts";
import type { KnownProcess, PutResult, SupervisorEvent, SupervisorVersion, WaitResult } from "./api.ts";
import { type Hang, watchForHang } from "./hang.ts";
import { call, stream } from "./http-client.ts";
import { readInstance } from "./instance.ts";
import { identify, isAlive } from "./process-table.ts";

export type SupervisorClient = ReturnType<typeof clientOf>;

/** What is found where a supervisor would be: a client of the one that answers, or why the one that lives does not. */
export type Found = { client: SupervisorClient } | { hang: Hang; pid: number } | undefined;

/** A client of the running supervisor; undefined when none answers. Starts nothing. */
export async function connect(paths: StackPaths): Promise<SupervisorClient | undefined> {
  const found = await find(paths);
  return found && "client" in found ? found.client : undefined;
}

/** The stack's supervisor, which is given the time it needs for as long as it does not hang. */
export async function find(paths: StackPaths): Promise<Found> {
  const instance = readInstance(paths);
  const client = clientOf(instance?.socket ?? paths.socket);
  for (let tries = 0; ; tries++) {
    try {
      const hang = await answerOrHang(client, paths);
      if (!hang) return { client };
      const pid = readInstance(paths)?.pid;
      return pid === undefined ? undefined : { hang, pid };
    } catch {
      // One that lives and whose socket was removed makes it again within two seconds.
      const removed = instance && !existsSync(instance.socket) && isAlive(instance);
      if (!removed || tries >= 40) return undefined;
      await sleep(100);
    }
  }
}

/** Undefined when it answers, else why it never will; throws when there is nobody. */
async function answerOrHang(client: SupervisorClient, paths: StackPaths): Promise<Hang | undefined> {
  const over = new AbortController();
  const answer = client.ping(over.signal).then(() => undefined);
  const hang = watchForHang(() => readInstance(paths), answering, over.signal);
  try {
    return await Promise.race([answer, hang]);
  } finally {
    over.abort();
    await Promise.allSettled([answer, hang]);
  }
}

/** Nothing for 3 s; no answer of a supervisor needs a tenth of so much processor time. */
const answering = { idle: 12, busy: 10 };

/** All methods throw DevflowError: the supervisor's own (NOT_FOUND, USAGE, …) or SUPERVISOR_UNREACHABLE. */
function clientOf(socket: string) {
  const at = (name: string, rest = ""): string => `/processes/${encodeURIComponent(name)}${rest}`;
  const act = async (name: string, action: string, signal?: AbortSignal): Promise<ProcessStatus> =>
    (await call<{ status: ProcessStatus }>(socket, at(name, `/${action}`), { method: "POST", signal })).status;

  return {
    ping: (signal?: AbortSignal) => call<{ ok: true }>(socket, "/ping", { signal }),
    version: () => call<SupervisorVersion>(socket, "/version"),
    list: () => call<ProcessStatus[]>(socket, "/processes"),
    get: (name: string) => call<KnownProcess>(socket, at(name)),
    /** Starts it, or starts it anew when the specification differs. Returns when the former one is gone. */
    put: (spec: ProcessSpec, signal?: AbortSignal) =>
      call<PutResult>(socket, at(spec.name), { method: "PUT", body: spec, signal }),
    /** Stops and forgets it; returns when it is gone. */
    remove: (name: string, signal?: AbortSignal) =>
      call<{ removed: boolean }>(socket, at(name), { method: "DELETE", signal }),
    start: (name: string, signal?: AbortSignal) => act(name, "start", signal),
    stop: (name: string, signal?: AbortSignal) => act(name, "stop", signal),
    restart: (name: string, signal?: AbortSignal) => act(name, "restart", signal),
    /** Waits until it is ready or failed, at most so many milliseconds (up to a minute). */
    wait: (name: string, timeout: number, signal?: AbortSignal) =>
      call<WaitResult>(socket, at(name, `/ready?timeout=${timeout}`), { signal }),
    /** Stops everything, dependents first, and then the supervisor; they stay known and stopped. */
    stopAll: (signal?: AbortSignal) => end<{ stopped: string[] }>(socket, "/stop-all", signal),
    /** Ends the supervisor alone; the next one takes its processes over. */
    detach: (signal?: AbortSignal) => end<{ detached: string[] }>(socket, "/detach", signal),
    events: (signal?: AbortSignal) => events(socket, signal),
    /** Text of a log: its last lines and, with `follow`, what comes until the signal. The name may be `supervisor`. */
    logs: (name: string, options: { lines: number; follow?: boolean; signal?: AbortSignal }) =>
      stream(
        socket,
        `/logs/${encodeURIComponent(name)}?lines=${options.lines}&follow=${options.follow ? 1 : 0}`,
        options.signal,
      ),
  };
}

/** A request after which the supervisor ends; returns when it has. */
async function end<Result>(socket: string, path: string, signal?: AbortSignal): Promise<Result> {
  const { pid } = await call<SupervisorVersion>(socket, "/version", { signal });
  const supervisor = await identify(pid);
  const result = await call<Result>(socket, path, { method: "POST", signal });
  for (let tries = 0; supervisor && isAlive(supervisor) && tries < 250; tries += 1) await sleep(20);
  return result;
}

async function* events(socket: string, signal?: AbortSignal): AsyncGenerator<SupervisorEvent> {
  let rest = "";
  for await (const chunk of stream(socket, "/events", signal)) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield JSON.parse(line) as SupervisorEvent;
  }
}
