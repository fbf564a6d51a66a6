import { Readable } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import { failure, type Message } from "../pass/message.ts";

/** A request as the SDK takes it. What proves who is calling was for the gateway alone. */
export function toWeb(publicUrl: string, request: FastifyRequest, reply: FastifyReply): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (name !== "authorization" && name !== "cookie" && value !== undefined) headers.set(name, String(value));
  }
  const abort = new AbortController();
  reply.raw.once("close", () => abort.abort());
  return new Request(new URL(request.url, publicUrl), {
    method: request.method,
    headers,
    signal: abort.signal,
    ...(request.method === "POST" && { body: new Uint8Array(request.body as Buffer) }),
  });
}

export function send(answer: Response, reply: FastifyReply): FastifyReply {
  reply.code(answer.status);
  for (const [name, value] of answer.headers) reply.header(name, value);
  if (answer.headers.get("content-type")?.startsWith("text/event-stream")) reply.header("x-accel-buffering", "no");
  return reply.send(answer.body ? Readable.fromWeb(answer.body as never) : null);
}

/** A body; undefined: the request has none. */
export type Parsed = Message | Message[] | undefined;

/** By which a client knows to begin anew. */
export function noSession(parsed: Parsed): Response {
  return Response.json(failure([parsed].flat()[0]?.id, -32001, "There is no such session."), { status: 404 });
}

export function beginWithPost(parsed: Parsed): Response {
  const text = "An MCP client begins with POST. How to connect one: docs/mcp.";
  return Response.json(failure([parsed].flat()[0]?.id, -32000, text), { status: 405, headers: { allow: "POST" } });
}
