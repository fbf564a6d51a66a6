/** The process that reads: started by lane.ts, so that a hostile file can hold up or bring down nothing but this. */
import { Worker } from "node:worker_threads";
import { ApiError, type ApiErrorCode } from "../../kit/api-error.ts";
import type { Guarded } from "./guard.ts";
import { type Result, type Work, work } from "./work.ts";

export interface Ask {
  id: number;
  work: Work;
}
export type Told =
  | { begun: number }
  /** `full`: it keeps so much of the memory it may have that the next file might not find enough. */
  | { id: number; result: Result; full: boolean }
  | { id: number; error: { code: ApiErrorCode; message: string; hint: string } | { bug: string } };

const [, , parent, memory] = process.argv.map(Number);
const guarded: Guarded = { parent: parent as number, memory: memory as number };
new Worker(new URL("guard.ts", import.meta.url), { workerData: guarded, execArgv: [] }).unref();

const tell = (told: Told) => process.send?.(told);

process.on("message", async ({ id, work: given }: Ask) => {
  tell({ begun: id });
  try {
    const result = await work(given);
    tell({ id, result, full: process.memoryUsage.rss() > guarded.memory / 2 });
  } catch (error) {
    const told =
      error instanceof ApiError
        ? { code: error.code, message: error.message, hint: error.hint }
        : { bug: error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 300) : String(error) };
    tell({ id, error: told });
  }
});
process.on("disconnect", () => process.exit(0));
