/** The thread that reads: started by reader.ts, so that a hostile file can hold up or bring down nothing but this. */
import { parentPort } from "node:worker_threads";
import { ApiError, type ApiErrorCode } from "../../kit/index.ts";
import { readBytes } from "./read.ts";
import type { Given, ReadText } from "./text.ts";

export interface Ask {
  id: number;
  given: Given;
}
export type Told =
  | { begun: number }
  | { id: number; read: ReadText }
  | { id: number; error: { code: ApiErrorCode; message: string; hint: string } | { bug: string } };

parentPort?.on("message", async ({ id, given }: Ask) => {
  parentPort?.postMessage({ begun: id } satisfies Told);
  try {
    parentPort?.postMessage({ id, read: await readBytes(given) } satisfies Told);
  } catch (error) {
    const told =
      error instanceof ApiError
        ? { code: error.code, message: error.message, hint: error.hint }
        : { bug: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
    parentPort?.postMessage({ id, error: told } satisfies Told);
  }
});
