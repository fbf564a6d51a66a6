/** The thread that reads: started by lane.ts, so that a hostile file can hold up or bring down nothing but this. */
import { parentPort } from "node:worker_threads";
import { ApiError, type ApiErrorCode } from "../../kit/index.ts";
import { type ReadAddresses, readLinks, readSitemap } from "./addresses.ts";
import { readBytes } from "./read.ts";
import type { Given, ReadText } from "./text.ts";

export interface Work {
  as: "text" | "sitemap" | "links";
  given: Given;
}
export type Result = ReadText | ReadAddresses;
export interface Ask {
  id: number;
  work: Work;
}
export type Told =
  | { begun: number }
  | { id: number; result: Result }
  | { id: number; error: { code: ApiErrorCode; message: string; hint: string } | { bug: string } };

parentPort?.on("message", async ({ id, work }: Ask) => {
  parentPort?.postMessage({ begun: id } satisfies Told);
  try {
    parentPort?.postMessage({ id, result: await read(work) } satisfies Told);
  } catch (error) {
    const told =
      error instanceof ApiError
        ? { code: error.code, message: error.message, hint: error.hint }
        : { bug: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
    parentPort?.postMessage({ id, error: told } satisfies Told);
  }
});

function read({ as, given }: Work): Promise<Result> | Result {
  if (as === "sitemap") return readSitemap(given.bytes);
  if (as === "links") return readLinks(given.bytes, given.name);
  return readBytes(given);
}
