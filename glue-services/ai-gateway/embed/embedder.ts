import { type ChildProcess, fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { ApiError } from "../../kit/index.ts";
import type { Ask, Told } from "./process.ts";
import { type Embedded, localModel, type Side } from "./sentences.ts";

/** Folders of the artifacts that local embeddings are made with. */
export interface LocalFiles {
  runtime: string;
  model: string;
}

/** Where they are; undefined as long as they are not there. */
export type FindFiles = () => LocalFiles | undefined;

export interface Embedder {
  /** Whether there is a model to embed with, or one will be started at the next request. */
  readonly ready: boolean;
  /**
   * @param side of a search that the texts are on; texts that are compared with each other are alike. @default alike
   * @throws ApiError UNAVAILABLE when the model is not there, its process ends twice in a row, or it is closed
   */
  embed(texts: readonly string[], side?: Side): Promise<Embedded>;
  close(): Promise<void>;
}

/** Texts given to the process at once: enough to be quick, few enough that a short request need not wait long. */
const batch = 8;
/** Milliseconds without work after which the process, and its memory, is given back. */
const idle = 300_000;

interface Job {
  texts: readonly string[];
  side: Side;
  vectors: Float32Array;
  tokens: number;
  /** Texts handed out, and those that came back. */
  next: number;
  done: number;
  failures: number;
  resolve(embedded: Embedded): void;
  reject(error: Error): void;
}

/**
 * Embeds in a process of its own, started at the first request. Jobs take turns batch by batch, so that a query does not
 * wait for a whole repository.
 */
export function openEmbedder(find: FindFiles): Embedder {
  const jobs: Job[] = [];
  let child: ChildProcess | undefined;
  let busy: { job: Job; from: number; count: number } | undefined;
  let resting: NodeJS.Timeout | undefined;
  let closed = false;

  return {
    get ready() {
      return child !== undefined || find() !== undefined;
    },
    embed(texts, side = "alike") {
      if (closed) return Promise.reject(new ApiError("UNAVAILABLE", "The gateway is closing."));
      if (texts.length === 0) return Promise.resolve({ vectors: new Float32Array(0), tokens: 0 });
      return new Promise((resolve, reject) => {
        const vectors = new Float32Array(texts.length * localModel.dimensions);
        jobs.push({ texts, side, vectors, tokens: 0, next: 0, done: 0, failures: 0, resolve, reject });
        turn();
      });
    },
    async close() {
      closed = true;
      clearTimeout(resting);
      for (const job of jobs.splice(0)) job.reject(new ApiError("UNAVAILABLE", "The gateway is closing."));
      busy = undefined;
      const running = child;
      if (!running) return;
      child = undefined;
      await new Promise<void>((resolve) => {
        running.once("exit", () => resolve());
        running.kill("SIGKILL");
      });
    },
  };

  function turn(): void {
    const [job] = jobs;
    if (busy || !job || closed) return;
    clearTimeout(resting);
    if (!child) {
      const files = find();
      if (!files) {
        fail(job, new ApiError("UNAVAILABLE", "The local model is not there yet."));
        turn();
        return;
      }
      child = start(files);
    }
    const texts = job.texts.slice(job.next, job.next + batch);
    busy = { job, from: job.next, count: texts.length };
    job.next += texts.length;
    // To the end of the row: each job gets one batch in turn.
    jobs.shift();
    if (job.next < job.texts.length) jobs.push(job);
    child.send({ id: 0, texts, side: job.side } satisfies Ask);
  }

  function start(files: LocalFiles): ChildProcess {
    const threads = Math.max(1, Math.floor(availableParallelism() / 2));
    const entry = fileURLToPath(new URL("process.ts", import.meta.url));
    const started = fork(entry, [files.runtime, files.model, String(threads)], {
      serialization: "advanced",
      execArgv: ["--disable-warning=ExperimentalWarning", "--max-old-space-size=128"],
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      // It needs no secret of the gateway's.
      env: { PATH: process.env.PATH ?? "" },
    });
    started.on("message", (message: Told | { ready: true }) => {
      if (!("ready" in message)) received(message);
    });
    started.once("exit", () => lost(started));
    started.once("error", () => lost(started));
    return started;
  }

  function received(message: Told): void {
    const done = busy;
    busy = undefined;
    if (!done) return;
    const { job, from, count } = done;
    if ("error" in message) {
      fail(job, new ApiError("UNAVAILABLE", `The local model failed: ${message.error}`));
    } else {
      job.vectors.set(message.vectors, from * localModel.dimensions);
      job.tokens += message.tokens;
      job.done += count;
      if (job.done === job.texts.length) job.resolve({ vectors: job.vectors, tokens: job.tokens });
    }
    rest();
    turn();
  }

  /** It ended by itself: what it was doing is tried once more, in another one. */
  function lost(which: ChildProcess): void {
    if (child !== which) return;
    child = undefined;
    const interrupted = busy;
    busy = undefined;
    if (interrupted) {
      const { job, from } = interrupted;
      job.failures++;
      if (job.failures > 1) fail(job, new ApiError("UNAVAILABLE", "The process of the local model ends at this text."));
      else {
        job.next = from;
        const waiting = jobs.indexOf(job);
        if (waiting !== -1) jobs.splice(waiting, 1);
        jobs.unshift(job);
      }
    }
    turn();
  }

  function fail(job: Job, error: Error): void {
    const waiting = jobs.indexOf(job);
    if (waiting !== -1) jobs.splice(waiting, 1);
    job.reject(error);
  }

  function rest(): void {
    clearTimeout(resting);
    resting = setTimeout(() => {
      const unused = child;
      child = undefined;
      unused?.kill();
    }, idle);
    resting.unref();
  }
}
