import type { Readable } from "node:stream";
import { type App, untilAborted } from "../kit/index.ts";

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | number | undefined>;
  body: Readable;
}

export interface Request {
  method: "GET" | "POST";
  /** Path with its query. */
  path: string;
  headers: Record<string, string>;
  body?: string | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Asks a route of this host, in the process. Whoever stops waiting gets the signal's reason at once. An injected request
 * that is aborted ends in an error that nobody can catch, so it goes on until it begins to answer, and is ended then.
 */
export async function inject(app: App, { method, path, headers, body, signal }: Request): Promise<Answer> {
  signal?.throwIfAborted();
  const answering = app
    .inject({ method, url: path, headers, ...(body !== undefined && { payload: body }), payloadAsStream: true })
    .then((response) => {
      const answer = response.stream();
      const stop = () => void answer.destroy();
      signal?.addEventListener("abort", stop, { once: true });
      // A job asks many questions under one signal: an answer that has ended leaves nothing there.
      answer.once("close", () => {
        signal?.removeEventListener("abort", stop);
        // An answer that is left in the middle is a client that goes away: the route ends its own call.
        response.raw.res.destroy();
      });
      if (signal?.aborted) stop();
      return { status: response.statusCode, headers: response.headers, body: answer };
    });
  return signal ? untilAborted(answering, signal) : answering;
}
