import { randomUUID } from "node:crypto";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

type Params = Record<string, unknown>;
type Answer = object | ((params: Params, session: string) => object | Promise<object>);

export interface Scripted {
  url: string;
  port: number;
  /** Every message that came, in order. */
  asked: { method: string; params: Params; session: string }[];
  /** Tells a notification to every client that listens, or to that of one session. */
  tell(method: string, params?: Params, session?: string): void;
  /** Sessions whose clients listen now. */
  listening(): string[];
  close(): Promise<void>;
}

/**
 * A server of MCP 2025-11-25 over HTTP with sessions, of a few lines and without any SDK: it answers each method as the
 * script says, and everything else with "method not found". An `Error` in the script is answered as one.
 *
 * @param forgotten status of requests in a session that it does not know
 */
export async function scripted(
  script: Record<string, Answer>,
  { port = 0, capabilities, forgotten = 404 }: { port?: number; capabilities?: object; forgotten?: number } = {},
): Promise<Scripted> {
  const asked: Scripted["asked"] = [];
  const streams = new Map<string, ServerResponse>();
  const known = new Set<string>();
  const can = capabilities ?? {
    ...{ tools: { listChanged: true }, prompts: { listChanged: true } },
    resources: { subscribe: true, listChanged: true },
  };
  const server = createServer(async (request, response) => {
    const session = String(request.headers["mcp-session-id"] ?? "");
    if (request.method === "GET") {
      if (!known.has(session)) return response.writeHead(forgotten).end();
      response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
      streams.set(session, response);
      return response.once("close", () => streams.delete(session));
    }
    if (request.method !== "POST") return response.writeHead(405).end();
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const message = JSON.parse(Buffer.concat(parts).toString()) as { id?: number; method: string; params?: Params };
    const { id, method, params = {} } = message;
    asked.push({ method, params, session });
    const send = (status: number, more: object, headers = {}) =>
      response
        .writeHead(status, { "content-type": "application/json", ...headers })
        .end(JSON.stringify({ jsonrpc: "2.0", id: id ?? null, ...more }));
    if (method === "initialize") {
      const { protocolVersion } = params;
      const result = { protocolVersion, capabilities: can, serverInfo: { name: "scripted", version: "1" } };
      const id = randomUUID();
      known.add(id);
      return send(200, { result }, { "mcp-session-id": id });
    }
    if (session === "") return send(400, { error: { code: -32000, message: "Bad Request: Server not initialized" } });
    if (!known.has(session)) return send(forgotten, { error: { code: -32001, message: "Session not found" } });
    if (id === undefined) return response.writeHead(202).end();
    const answer = script[method];
    const result = typeof answer === "function" ? await answer(params, session) : answer;
    if (result instanceof Error) return send(200, { error: { code: -32603, message: result.message } });
    if (!result) return send(200, { error: { code: -32601, message: `no ${method}` } });
    return send(200, { result });
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const { port: own } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  onTestFinished(close);
  return {
    ...{ url: `http://127.0.0.1:${own}/mcp`, port: own, asked, close },
    listening: () => [...streams.keys()],
    tell(method, params = {}, session) {
      const line = `data: ${JSON.stringify({ jsonrpc: "2.0", method, params })}\n\n`;
      for (const [whose, stream] of streams) if (session === undefined || whose === session) stream.write(line);
    },
  };
}

/** A list of tools that take nothing. */
export function toolsNamed(...names: string[]): { tools: object[] } {
  return { tools: names.map((name) => ({ name, inputSchema: { type: "object" } })) };
}

/** Answers a call with the name that it was called by. */
export function saysName({ name }: Params): object {
  return { content: [{ type: "text", text: String(name) }] };
}
