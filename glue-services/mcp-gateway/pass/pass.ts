import type { IncomingHttpHeaders } from "node:http";
import type { Readable } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Agent } from "undici";
import type { Caller } from "../access/caller.ts";
import { judge } from "../access/judge.ts";
import type { Outcome } from "../calls.ts";
import type { Gateway } from "../gateway.ts";
import { resolveAll, resolveText } from "../given.ts";
import type { McpServer, Organisation } from "../servers.ts";
import { isBack, offline, offlineSession } from "./away.ts";
import { argumentsOf, bodyOf, failure, type Message, messagesOf, refusal, targetOf } from "./message.ts";
import { look } from "./reply.ts";

/** Headers of a client that are the protocol's; nothing else of a request reaches a server. */
const forwarded = /^(accept|content-type|last-event-id|mcp-(?!session-id$).+|traceparent|tracestate|baggage)$/;
const returned = ["content-type", "cache-control", "retry-after", "allow", "mcp-protocol-version"];

/**
 * Passes one request of a client on to an HTTP server as it is, and the answer back as it comes.
 *
 * @param refused may answer in the server's place when it refuses a request outside of a session
 */
export async function pass(
  gateway: Gateway,
  caller: Caller,
  organisation: Organisation,
  server: McpServer,
  request: FastifyRequest,
  reply: FastifyReply,
  refused: () => Promise<FastifyReply | undefined>,
): Promise<FastifyReply> {
  const since = performance.now();
  const messages = request.method === "POST" ? messagesOf(request.body) : [];
  const other = messages.length === 1 ? otherInHeaders(request.headers, messages[0] as Message) : undefined;
  if (other) return reply.code(400).send(failure(messages[0]?.id, headerMismatch, other));
  const forbidden = await refuseSome(gateway, caller, organisation, server, messages);
  if (forbidden) return reply.send(forbidden);

  const session = sessionOf(gateway, caller, server, request);
  if (session === undefined) return reply.code(404).send(failure(messages[0]?.id, -32001, "There is no such session."));
  const asked = messages[0];
  const finish = (outcome: Outcome) => {
    for (const message of messages)
      gateway.calls.heard(caller, server.name, message, outcome, performance.now() - since);
  };

  const abort = new AbortController();
  // An answer that is whole needs no abort, which costs more than the rest of its end.
  reply.raw.once("close", () => reply.raw.writableFinished || abort.abort());
  const agent = gateway.agents.of(server);
  let answer: Awaited<ReturnType<Agent["request"]>>;
  try {
    if (session === offlineSession) {
      if (await isBack(agent, server))
        return reply.code(404).send(failure(asked?.id, -32001, "The server is back: begin anew."));
      throw new Error(`${server.name} is still away`);
    }
    answer = await send(agent, gateway, caller, server, request, session, abort.signal);
  } catch (error) {
    if (abort.signal.aborted) return reply;
    if (isOurs(error)) throw error;
    finish("unreachable");
    return offline(gateway, caller, server, messages, session, reply);
  }
  if (session === "" && typeof answer.headers["mcp-session-id"] === "string") {
    reply.header("mcp-session-id", gateway.seal.close(caller, server.id, answer.headers["mcp-session-id"]));
  }
  if (answer.statusCode === 401 || answer.statusCode === 403) {
    await answer.body.dump();
    finish("error");
    const text = `${server.name} refused the gateway (${answer.statusCode}): its credentials are wrong or lack a right.`;
    return reply.code(502).send(failure(asked?.id, -32000, text));
  }
  if (session === "" && mayKnowOther(answer.statusCode, request)) {
    const carried = await refused();
    if (carried) {
      answer.body.destroy();
      return carried;
    }
  }
  reply.code(answer.statusCode);
  for (const name of returned) if (answer.headers[name] !== undefined) reply.header(name, answer.headers[name]);
  if (isEvents(answer.headers)) reply.header("x-accel-buffering", "no");
  return look(
    { gateway, caller, organisation, server, messages, reply, finish },
    answer.headers,
    answer.body as Readable,
  );
}

async function send(
  agent: Agent,
  gateway: Gateway,
  caller: Caller,
  server: McpServer,
  request: FastifyRequest,
  session: string,
  signal: AbortSignal,
) {
  const url = new URL(await resolveText(gateway.readSecret, caller, server, server.url));
  const own = await resolveAll(gateway.readSecret, caller, server, server.headers);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (typeof value === "string" && forwarded.test(name)) headers[name] = value;
  }
  if (session) headers["mcp-session-id"] = session;
  return agent.request({
    origin: url.origin,
    path: `${url.pathname}${url.search}`,
    method: request.method as "POST" | "GET" | "DELETE",
    headers: { ...headers, ...own },
    body: request.method === "POST" ? bodyOf(request.body) : null,
    signal,
  });
}

/** Whether a refusal may be of a server that does not know the protocol: most say so with a code of their own. */
function mayKnowOther(status: number, { method }: FastifyRequest): boolean {
  return method === "POST" && status >= 400 && status < 500 && ![413, 429].includes(status);
}

/** Code of MCP 2026-07-28 for headers that differ from the body. */
const headerMismatch = -32020;
const named = new Set(["tools/call", "prompts/get", "resources/read"]);

/** Why a request's headers are refused: servers may route by them, and must not find another tool there than was judged. */
function otherInHeaders(headers: IncomingHttpHeaders, message: Message): string | undefined {
  const { "mcp-method": method, "mcp-name": name } = headers;
  if (method !== undefined && method !== message.method) return "Header mismatch: Mcp-Method is not the body's method.";
  if (name !== undefined && named.has(message.method ?? "") && decoded(String(name)) !== targetOf(message))
    return "Header mismatch: Mcp-Name is not what the body names.";
  return undefined;
}

/** A header's value, which is in base64 where it has more than ASCII. */
function decoded(value: string): string {
  const encoded = /^=\?base64\?(.*)\?=$/i.exec(value)?.[1];
  return encoded === undefined ? value : Buffer.from(encoded, "base64").toString("utf8");
}

/** Empty: none was given. Undefined: it is not this caller's. */
function sessionOf({ seal }: Gateway, caller: Caller, server: McpServer, request: FastifyRequest): string | undefined {
  const sealed = request.headers["mcp-session-id"];
  if (sealed === undefined) return "";
  return typeof sealed === "string" ? seal.open(caller, server.id, sealed) : undefined;
}

/** The answers to what is not carried out. In a list of messages one such refuses all. */
async function refuseSome(
  gateway: Gateway,
  caller: Caller,
  organisation: Organisation,
  server: McpServer,
  messages: Message[],
): Promise<object | undefined> {
  for (const message of messages) {
    if (message.method !== "tools/call") continue;
    const call = { server: server.name, tool: targetOf(message) ?? "", arguments: argumentsOf(message) };
    const refused = await judge(gateway, caller, organisation, call);
    if (!refused) continue;
    gateway.calls.heard(caller, server.name, message, refused.reason, 0);
    const answers = messages
      .filter(({ id }) => id !== undefined)
      .map(({ id }) => refusal(id, refused.text, refused.reason));
    return messages.length === 1 ? answers[0] : answers;
  }
  return undefined;
}

function isOurs(error: unknown): boolean {
  return error instanceof Error && error.name === "ApiError";
}

export function isEvents(headers: IncomingHttpHeaders): boolean {
  return String(headers["content-type"]).startsWith("text/event-stream");
}
