import type { IncomingHttpHeaders } from "node:http";
import { PassThrough, type Readable } from "node:stream";
import type { FastifyReply } from "fastify";
import type { Caller } from "../access/caller.ts";
import { effectOf } from "../access/rules.ts";
import type { Outcome } from "../calls.ts";
import type { Gateway } from "../gateway.ts";
import type { McpServer, Organisation } from "../servers.ts";
import type { Message } from "./message.ts";

interface Exchange {
  gateway: Gateway;
  caller: Caller;
  organisation: Organisation;
  server: McpServer;
  messages: readonly Message[];
  reply: FastifyReply;
  finish(outcome: Outcome): void;
}

/** Bytes of an answer that are looked at; a longer one passes unseen. */
const most = 1024 * 1024;

/**
 * Sends a server's answer on. Most pass as they come and are only listened to, for the log and for times without the
 * server; a list of tools is held until it is whole when some of them are not for this caller.
 */
export async function look(exchange: Exchange, headers: IncomingHttpHeaders, body: Readable): Promise<FastifyReply> {
  const { messages, reply, finish, gateway } = exchange;
  const question = messages.find(({ id, method }) => id !== undefined && method !== undefined);
  if (!question) {
    finish("done");
    return reply.send(body);
  }
  const events = String(headers["content-type"]).startsWith("text/event-stream");
  const filters = question.method === "tools/list" && exchange.organisation.rules.length > 0;
  if (filters) {
    const text = await readAll(body);
    finish("done");
    return reply.send(rewrite(text, events, (message) => filtered(exchange, message)));
  }
  const listened = new PassThrough();
  const parts: Buffer[] = [];
  let size = 0;
  body.on("data", (part: Buffer) => {
    size += part.length;
    if (size <= most) parts.push(part);
  });
  body.once("close", () => {
    const answer = size <= most ? answerIn(Buffer.concat(parts).toString("utf8"), events, question.id) : undefined;
    if (answer?.result && gateway.answers.keeps(question)) {
      gateway.answers.keep(exchange.caller, exchange.server, question, answer.result);
    }
    const failed = answer ? answer.error !== undefined || answer.result?.isError === true : size <= most;
    finish(failed ? "error" : "done");
  });
  body.once("error", (error) => listened.destroy(error));
  body.pipe(listened);
  return reply.send(listened);
}

/** Without the tools that are not for this caller; what is left is what may be kept for times without the server. */
function filtered({ gateway, caller, organisation, server, messages }: Exchange, message: Message): Message {
  const { result } = message;
  if (!result || !Array.isArray(result.tools)) return message;
  const tools = (result.tools as { name: string }[]).filter(
    ({ name }) => effectOf(organisation.rules, caller, server.name, name) !== "deny",
  );
  const question = messages[0];
  if (question && gateway.answers.keeps(question)) {
    gateway.answers.keep(caller, server, question, { ...result, tools });
  }
  return { ...message, result: { ...result, tools } };
}

function rewrite(text: string, events: boolean, change: (message: Message) => Message): string {
  if (!events) return JSON.stringify(change(JSON.parse(text) as Message));
  return text.replace(/^data: ?(.+)$/gm, (line, data: string) => {
    const message = parse(data);
    return message ? `data: ${JSON.stringify(change(message))}` : line;
  });
}

function answerIn(text: string, events: boolean, id: Message["id"]): Message | undefined {
  if (!events) return one(parse(text), id);
  for (const [, data = ""] of text.matchAll(/^data: ?(.+)$/gm)) {
    const found = one(parse(data), id);
    if (found) return found;
  }
  return undefined;
}

function one(message: Message | undefined, id: Message["id"]): Message | undefined {
  return message && message.id === id && message.method === undefined ? message : undefined;
}

function parse(text: string): Message | undefined {
  try {
    return JSON.parse(text) as Message;
  } catch {
    return undefined;
  }
}

async function readAll(body: Readable): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of body) {
    size += (part as Buffer).length;
    if (size > 16 * most) throw new Error("The server's list of tools is larger than 16 MiB.");
    parts.push(part as Buffer);
  }
  return Buffer.concat(parts).toString("utf8");
}
