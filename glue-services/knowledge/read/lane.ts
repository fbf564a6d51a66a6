import { Worker } from "node:worker_threads";
import { ApiError } from "../../kit/index.ts";
import type { Given } from "./text.ts";
import type { Ask, Result, Told, Work } from "./thread.ts";

/** A thread that does one piece of work at a time. */
export interface Lane {
  /** @throws ApiError INVALID, TOO_LARGE, UNSUPPORTED_MEDIA: the file is at fault */
  do(work: Work): Promise<Result>;
  close(): Promise<void>;
}

export interface ReaderLimits {
  /** Milliseconds for one file. @default 60000 */
  time?: number;
  /** MiB of memory. @default 384 */
  memory?: number;
}

/** Milliseconds the thread gets to start. */
const starting = 60_000;
/** Milliseconds between two looks at what the thread takes. */
const often = 50;
const tooMuch = "needs more memory than a file may";
/** Milliseconds without work after which the thread is given back. */
const idle = 60_000;

interface Busy {
  id: number;
  work: Work;
  timer: NodeJS.Timeout;
  resolve(result: Result): void;
  reject(error: Error): void;
}

/** One piece of work at a time; a thread that takes too long or too much is ended, and the file is to blame. */
export function openLane({ time = 60_000, memory = 384 }: ReaderLimits = {}): Lane {
  let worker: Worker | undefined;
  let busy: Busy | undefined;
  let watching: NodeJS.Timeout | undefined;
  let resting: NodeJS.Timeout | undefined;
  let next = 0;

  return {
    do: (work) =>
      new Promise((resolve, reject) => {
        clearTimeout(resting);
        worker ??= start();
        const id = next++;
        busy = { id, work, resolve, reject, timer: limit(work.given, starting) };
        worker.postMessage({ id, work } satisfies Ask);
      }),
    async close() {
      clearTimeout(resting);
      finish(new ApiError("UNAVAILABLE", "The platform is closing."));
      clearTimeout(resting);
      await worker?.terminate();
    },
  };

  function start(): Worker {
    const fresh = new Worker(new URL("thread.ts", import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: memory },
      // It needs no secret of the host's.
      env: {},
      stdout: true,
      stderr: true,
    });
    fresh.on("message", (told: Told) => {
      if (fresh !== worker || !busy) return;
      if ("begun" in told) {
        // Only now: a thread takes its time to start on a busy machine, which is not the file's fault.
        clearTimeout(busy.timer);
        busy.timer = limit(busy.work.given, time);
        watching ??= setInterval(() => void weigh(fresh), often);
        return;
      }
      if (told.id !== busy.id) return;
      if ("result" in told) finish(told.result);
      else if ("bug" in told.error) finish(atFault(busy.work.given, `cannot be read (${told.error.bug})`));
      else finish(new ApiError(told.error.code, told.error.message, { hint: told.error.hint }));
    });
    fresh.on("error", (error: Error & { code?: string }) => {
      if (fresh !== worker) return;
      worker = undefined;
      const full = error.code === "ERR_WORKER_OUT_OF_MEMORY";
      if (busy) finish(atFault(busy.work.given, full ? tooMuch : `cannot be read (${error.message})`));
    });
    fresh.unref();
    return fresh;
  }

  /** V8 limits what is on its heap; what is unpacked lies beside it, and would be the whole host's. */
  async function weigh(which: Worker): Promise<void> {
    const weighed = busy;
    const { used_heap_size: heap, external_memory: beside } = await which
      .getHeapStatistics()
      .catch(() => ({ used_heap_size: 0, external_memory: 0 }));
    if (heap + beside < memory * 1024 * 1024 || !weighed || busy !== weighed || which !== worker) return;
    drop();
    finish(atFault(weighed.work.given, tooMuch));
  }

  function limit(given: Given, milliseconds: number): NodeJS.Timeout {
    return setTimeout(() => {
      drop();
      finish(atFault(given, `took longer than ${milliseconds / 1000} s to read`));
    }, milliseconds);
  }

  function drop(): void {
    void worker?.terminate();
    worker = undefined;
  }

  function finish(outcome: Result | Error): void {
    const done = busy;
    busy = undefined;
    clearInterval(watching);
    watching = undefined;
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
}

function atFault({ name }: Given, what: string): ApiError {
  return new ApiError("INVALID", `${name} ${what}.`, { hint: "Split it, or save it in another format." });
}
