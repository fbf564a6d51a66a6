import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { ApiError } from "../../kit/api-error.ts";
import type { Ask, Told } from "./process.ts";
import type { Given } from "./text.ts";
import type { Result, Work } from "./work.ts";

/**
 * A process that does one piece of work at a time.
 *
 *     away ──do/warm──▶ starting ──begun──▶ reading ──told──▶ idle ──do──▶ reading
 *                          │ exit, late        │ exit, late     │ rest, exit
 *                          ▼                   ▼                ▼
 *                 away: our fault,     away: the file is      away
 *                 once more            at fault
 */
export interface Lane {
  /**
   * @throws ApiError INVALID, TOO_LARGE, UNSUPPORTED_MEDIA: the file is at fault; UNAVAILABLE: no process starts
   */
  do(work: Work): Promise<Result>;
  /** Starts the process, so that it is there when there is work. */
  warm(): void;
  close(): Promise<void>;
}

export interface ReaderLimits {
  /** Milliseconds for one file. @default 60000 */
  time?: number;
  /** MiB of memory for one file and the program that reads it. @default 464 */
  memory?: number;
}

/** Milliseconds the process gets to start. */
const starting = 60_000;
/** Milliseconds without work after which the process is given back. */
const idle = 60_000;
/** MiB that the program takes beside what it makes of a file. */
export const programMemory = 112;
/** What is kept of the process's last words. */
const lastWords = 2000;

interface Busy {
  id: number;
  work: Work;
  begun: boolean;
  attempts: number;
  timer: NodeJS.Timeout;
  resolve(result: Result): void;
  reject(error: Error): void;
}

export function openLane({ time = 60_000, memory = 464 }: ReaderLimits = {}): Lane {
  let child: ChildProcess | undefined;
  let busy: Busy | undefined;
  let resting: NodeJS.Timeout | undefined;
  let next = 0;
  let closed = false;

  return {
    do: (work) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(late, starting);
        busy = { id: next++, work, begun: false, attempts: 1, timer, resolve, reject };
        give();
      }),
    warm() {
      if (closed || child) return;
      child = start();
      rest();
    },
    async close() {
      closed = true;
      clearTimeout(resting);
      finish(new ApiError("UNAVAILABLE", "The platform is closing."));
      const running = child;
      child = undefined;
      if (running?.exitCode !== null || running.signalCode !== null) return;
      await new Promise<void>((resolve) => {
        running.once("exit", () => resolve());
        running.ref();
        running.kill("SIGKILL");
      });
    },
  };

  function give(): void {
    clearTimeout(resting);
    child ??= start();
    const { id, work } = busy as Busy;
    // What cannot be sent is told by the process's exit.
    child.send({ id, work } satisfies Ask, () => {});
  }

  function start(): ChildProcess {
    const entry = fileURLToPath(new URL("process.ts", import.meta.url));
    const fresh = fork(entry, [String(process.pid), String(memory * 1024 * 1024)], {
      serialization: "advanced",
      execArgv: [
        "--disable-warning=ExperimentalWarning",
        // The young part of a heap grows to three times this.
        "--max-semi-space-size=8",
        `--max-old-space-size=${Math.max(32, memory - programMemory)}`,
        // What is made of a text never runs: no reader builds code of strings, and no file gets to.
        "--disallow-code-generation-from-strings",
      ],
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      // It needs no secret of the host's.
      env: {},
    });
    let said = "";
    fresh.stderr?.setEncoding("utf8").on("data", (part: string) => {
      said = (said + part).slice(-lastWords);
    });
    fresh.on("message", (told: Told) => {
      if (fresh === child) received(told);
    });
    fresh.once("error", () => lost(fresh, said));
    fresh.once("close", () => lost(fresh, said));
    for (const pipe of [fresh, fresh.channel, fresh.stderr]) (pipe as { unref?(): void } | null)?.unref?.();
    return fresh;
  }

  function received(told: Told): void {
    if (!busy) return;
    if ("begun" in told) {
      // Only now: a process takes its time to start on a busy machine, which is not the file's fault.
      clearTimeout(busy.timer);
      busy.begun = true;
      busy.timer = setTimeout(late, time);
      return;
    }
    if (told.id !== busy.id) return;
    if ("result" in told) {
      if (told.full) drop();
      finish(told.result);
    } else if ("bug" in told.error) finish(atFault(busy.work.given, `cannot be read (${told.error.bug})`));
    else finish(new ApiError(told.error.code, told.error.message, { hint: told.error.hint }));
  }

  /** The process is gone: by its guard or the system for its memory, by V8, or by a fault in what it runs. */
  function lost(which: ChildProcess, said: string): void {
    if (which !== child) return;
    child = undefined;
    if (!busy) return;
    if (!busy.begun) {
      if (busy.attempts++ === 1) give();
      else finish(new ApiError("UNAVAILABLE", "The program that reads files does not start."));
      return;
    }
    const full = which.signalCode === "SIGKILL" || /out of memory|allocation failed/i.test(said);
    const how = which.signalCode ?? `exit ${which.exitCode}`;
    finish(
      atFault(busy.work.given, full ? "needs more memory than a file may" : `ends the program that reads it (${how})`),
    );
  }

  function late(): void {
    const { work, begun } = busy as Busy;
    drop();
    finish(
      begun
        ? atFault(work.given, `took longer than ${time / 1000} s to read`)
        : new ApiError("UNAVAILABLE", "The program that reads files takes too long to start."),
    );
  }

  function finish(outcome: Result | Error): void {
    const done = busy;
    busy = undefined;
    if (!done) return;
    clearTimeout(done.timer);
    rest();
    if (outcome instanceof Error) done.reject(outcome);
    else done.resolve(outcome);
  }

  function rest(): void {
    clearTimeout(resting);
    resting = setTimeout(drop, idle);
    resting.unref();
  }

  function drop(): void {
    const dropped = child;
    child = undefined;
    dropped?.kill("SIGKILL");
  }
}

function atFault({ name }: Given, what: string): ApiError {
  return new ApiError("INVALID", `${name} ${what}.`, { hint: "Split it, or save it in another format." });
}
