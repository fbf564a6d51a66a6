import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { onTestFinished } from "vitest";

/** What a provider got. */
export interface Got {
  path: string;
  headers: IncomingMessage["headers"];
  /** Empty when it is a form. */
  body: Record<string, unknown>;
  text: string;
  bytes: Buffer;
}

export type Answer = (got: Got, response: ServerResponse) => unknown;

/** A provider for tests: a real HTTP server that does what it is told, well or badly. */
export interface Upstream {
  url: string;
  /** Every request so far. */
  got: Got[];
  /** What it does from now on. */
  does(answer: Answer): void;
  /** What it does next, once each; then again what `does` said. */
  next(...answers: Answer[]): void;
  /** Requests that are open. */
  readonly open: number;
}

export async function startUpstream(first: Answer = says("Hello from the mock.")): Promise<Upstream> {
  const got: Got[] = [];
  const queue: Answer[] = [];
  let usual = first;
  let open = 0;
  const server = createServer(async (request, response) => {
    open++;
    response.on("close", () => open--);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    const text = bytes.toString();
    const body = text.startsWith("{") ? JSON.parse(text) : {};
    const one: Got = { path: request.url ?? "", headers: request.headers, body, text, bytes };
    got.push(one);
    await (queue.shift() ?? usual)(one, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    got,
    does(answer) {
      usual = answer;
    },
    next: (...answers) => void queue.push(...answers),
    get open() {
      return open;
    },
  };
}

export interface Said {
  input?: number;
  output?: number;
  /** @default with usage */
  usage?: boolean;
  /** Milliseconds between events. */
  every?: number;
}

/** Answers a text, whole or streamed as it was asked. */
export function says(text: string, said: Said = {}): Answer {
  return async (got, response) => {
    if (got.path.endsWith("/embeddings")) return embeds(got, response);
    const { input = 10, output = 5, usage = true, every } = said;
    const counted = { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
    if (got.body.stream !== true) {
      return json(response, 200, {
        id: "chatcmpl-1",
        object: "chat.completion",
        created: 1,
        model: got.body.model,
        choices: [{ index: 0, message: { role: "assistant", content: text }, finish_reason: "stop" }],
        ...(usage && { usage: counted }),
      });
    }
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const event of [...deltas(text, String(got.body.model)), stop(String(got.body.model))]) {
      if (every) await pause(every);
      response.write(event);
    }
    const asks = (got.body.stream_options as { include_usage?: boolean } | undefined)?.include_usage;
    if (usage && asks) response.write(event({ ...base(String(got.body.model)), choices: [], usage: counted }));
    return response.end("data: [DONE]\n\n");
  };
}

export function base(model: string) {
  return { id: "chatcmpl-1", object: "chat.completion.chunk", created: 1, model };
}

export function event(data: unknown): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

/** Role and words, each an event. */
export function deltas(text: string, model = "mock"): string[] {
  const words = text.split(/(?<= )/);
  return [{ role: "assistant", content: "" }, ...words.map((content) => ({ content }))].map((delta) =>
    chunkOf(delta, model),
  );
}

/** An event of a chat with this delta. */
export function chunkOf(delta: object, model = "mock"): string {
  return event({ ...base(model), choices: [{ index: 0, delta, finish_reason: null }] });
}

export function stop(model = "mock"): string {
  return event({ ...base(model), choices: [{ index: 0, delta: {}, finish_reason: "stop" }] });
}

/** Sends these events and then closes the connection in the middle. */
export function cutsAfter(...events: string[]): Answer {
  return async (_got, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const one of events) response.write(one);
    await pause(30);
    response.destroy();
  };
}

/** Sends these events and ends as if all were well. */
export function streams(...events: string[]): Answer {
  return (_got, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.end(events.join(""));
  };
}

/** Sends these events and then nothing more. */
export function stallsAfter(...events: string[]): Answer {
  return (_got, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.flushHeaders();
    for (const one of events) response.write(one);
  };
}

export function refuses(status: number, message = "no", more: Record<string, string> = {}, code?: string): Answer {
  return (_got, response) => json(response, status, { error: { message, type: "error", code } }, more);
}

/** Something that is not what was asked for, with status 200. */
export function garbage(text = "<html>gateway</html>"): Answer {
  return (_got, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(text);
  };
}

export function json(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}) {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}

/** Always numbers, whatever encoding was asked for: like many servers. */
function embeds(got: Got, response: ServerResponse) {
  const texts = [got.body.input].flat();
  json(response, 200, {
    object: "list",
    model: got.body.model,
    data: texts.map((_, index) => ({ object: "embedding", index, embedding: [0.5, -0.25, 0.125, 1] })),
    usage: { prompt_tokens: texts.length * 3, total_tokens: texts.length * 3 },
  });
}

/** A provider that lists its models and takes one key. `openList`: anybody may see the list. */
export function keyed(
  right: string,
  { openList = false, after = says("Hello.") }: { openList?: boolean; after?: Answer } = {},
): Answer {
  return (got, response) => {
    const knows = got.headers.authorization === `Bearer ${right}`;
    const list = got.path.endsWith("/models");
    if (!knows && !(list && openList)) {
      response.writeHead(401, { "content-type": "application/json" });
      const given = got.headers.authorization?.slice(7);
      return response.end(JSON.stringify({ error: { message: `Incorrect API key provided: ${given}.` } }));
    }
    if (list) {
      response.writeHead(200, { "content-type": "application/json" });
      return response.end(JSON.stringify({ data: [{ id: "small" }, { id: "org/large" }] }));
    }
    if (Array.isArray(got.body.messages) && got.body.messages.length === 0) {
      response.writeHead(400, { "content-type": "application/json" });
      return response.end(JSON.stringify({ error: { message: "messages is empty" } }));
    }
    return after(got, response);
  };
}
