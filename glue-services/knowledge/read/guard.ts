/**
 * A thread beside the one that reads, which may be held up for ever by what it reads: ends the process when it takes more
 * memory than it may, or when whoever started it is gone.
 */
import { workerData } from "node:worker_threads";

export interface Guarded {
  /** Process id of whoever started it. */
  parent: number;
  /** Bytes that the process may have in memory. */
  memory: number;
}

/** Milliseconds between two looks. */
const often = 50;
const { parent, memory } = workerData as Guarded;

setInterval(() => {
  if (process.memoryUsage.rss() > memory || process.ppid !== parent) process.kill(process.pid, "SIGKILL");
}, often);
