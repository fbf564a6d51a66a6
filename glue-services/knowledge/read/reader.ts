import { Worker } from "node:worker_threads";
import { ApiError } from "../../kit/index.ts";
import type { Given, ReadText } from "./text.ts";
import type { Ask, Told } from "./thread.ts";

/** Reads files in a thread of its own. */
export interface Reader {
  /** @throws ApiError INVALID, TOO_LARGE, UNSUPPORTED_MEDIA: the file is at fault */
  read(given: Given): Promise<ReadText>;
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

interface Waiting {
  given: Given;
  resolve(read: ReadText): void;
  reject(error: Error): void;
}

/** One file at a time; a thread that takes too long or too much is ended, and the file is to blame. */
export function openReader({ time = 60_000, memory = 384 }: ReaderLimits = {}): Reader {
  const queue: Waiting[] = [];
  let worker: Worker | undefined;
  let busy: (Waiting & { id: number; timer: NodeJS.Timeout }) | undefined;
  let watching: NodeJS.Timeout | undefined;
  let resting: NodeJS.Timeout | undefined;
  let next = 0;
  let closed = false;

  return {
    read: (given) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(new ApiError("UNAVAILABLE", "The platform is closing."));
        queue.push({ given, resolve, reject });
        turn();
      }),
    async close() {
      closed = true;
      clearTimeout(resting);
      const gone = new ApiError("UNAVAILABLE", "The platform is closing.");
      for (const one of queue.splice(0)) one.reject(gone);
      finish(gone);
      await worker?.terminate();
    },
  };

  function turn(): void {
    if (busy || closed) return;
    const one = queue.shift();
    if (!one) {
      rest();
      return;
    }
    clearTimeout(resting);
    worker ??= start();
    const id = next++;
    busy = { ...one, id, timer: limit(one.given, starting) };
    worker.postMessage({ id, given: one.given } satisfies Ask);
  }

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
        busy.timer = limit(busy.given, time);
        watching ??= setInterval(() => void weigh(fresh), often);
        return;
      }
      if (told.id !== busy.id) return;
      if ("read" in told) finish(told.read);
      else if ("bug" in told.error) finish(atFault(busy.given, `cannot be read (${told.error.bug})`));
      else finish(new ApiError(told.error.code, told.error.message, { hint: told.error.hint }));
    });
    fresh.on("error", (error: Error & { code?: string }) => {
      if (fresh !== worker) return;
      worker = undefined;
      const full = error.code === "ERR_WORKER_OUT_OF_MEMORY";
      if (busy) finish(atFault(busy.given, full ? tooMuch : `cannot be read (${error.message})`));
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
    finish(atFault(weighed.given, tooMuch));
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

  function finish(outcome: ReadText | Error): void {
    const done = busy;
    busy = undefined;
    clearInterval(watching);
    watching = undefined;
    if (!done) return;
    clearTimeout(done.timer);
    if (outcome instanceof Error) done.reject(outcome);
    else done.resolve(outcome);
    turn();
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
