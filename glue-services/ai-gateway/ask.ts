import type { Readable } from "node:stream";
import { request as requestElsewhere } from "undici";
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

/** Asks the gateway by an address of its API, in this process or at the host that runs it. */
export async function askGatewayAt(app: App, request: Request): Promise<Answer> {
  const peer = app.peers.elsewhere("ai-gateway");
  if (!peer) return inject(app, request);
  const { method, path, headers, body, signal } = request;
  const { dispatcher, origin } = peer;
  const answer = await requestElsewhere(`${origin}${path}`, {
    method,
    headers,
    dispatcher,
    ...timeless,
    body: body ?? null,
    ...(signal && { signal }),
  });
  return { status: answer.statusCode, headers: answer.headers, body: answer.body };
}

/** Models take their time; whoever asks has a signal. */
const timeless = { headersTimeout: 0, bodyTimeout: 0 };

/**
 * Asks a route of this host, in the process. Whoever stops waiting gets the signal's reason at once. An injected request
 * that is aborted ends in an error that nobody can catch, so it goes on until it begins to answer, and is ended then.
 */
async function inject(app: App, { method, path, headers, body, signal }: Request): Promise<Answer> {
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
