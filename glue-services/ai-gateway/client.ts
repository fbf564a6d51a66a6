import type { Readable } from "node:stream";
import { APIError, OpenAI } from "openai";
import type { App } from "../kit/index.ts";
import { askGatewayAt } from "./ask.ts";

/** OpenAI's own client, led to the stack's gateway. Loading it takes half a second of processor time and some 30 MiB. */
export interface ServiceClient {
  client: OpenAI;
  /** What it throws for an answer that is no success: `status`, `code`, and the gateway's words in `error.message`. */
  APIError: typeof APIError;
}

/** It tries nothing again: the gateway itself does, and falls back as the route says. */
export function openaiOf(app: App, token: string): ServiceClient {
  const client = new OpenAI({ apiKey: token, baseURL: "http://gateway/v1", maxRetries: 0, fetch: fetchOf(app) });
  return { client, APIError };
}

/** As `fetch`, to the gateway. */
function fetchOf(app: App): typeof fetch {
  return async (to, { method, headers, body, signal } = {}) => {
    const { pathname, search } = new URL(to instanceof Request ? to.url : to);
    const answer = await askGatewayAt(app, {
      method: method === "GET" ? "GET" : "POST",
      path: pathname + search,
      headers: Object.fromEntries(new Headers(headers)),
      body: typeof body === "string" ? body : undefined,
      signal: signal ?? undefined,
    });
    const told = new Headers();
    for (const [name, value] of Object.entries(answer.headers)) {
      for (const one of [value ?? []].flat()) told.append(name, String(one));
    }
    return new Response(webStream(answer.body), { status: answer.status, headers: told });
  };
}

/** Node's stream as one of the web; whoever leaves it ends Node's. */
function webStream(body: Readable): ReadableStream<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: () => void body.destroy(),
  });
}
