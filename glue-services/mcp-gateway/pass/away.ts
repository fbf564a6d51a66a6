import type { FastifyReply } from "fastify";
import type { Agent } from "undici";
import type { Caller } from "../access/caller.ts";
import type { Gateway } from "../gateway.ts";
import type { McpServer } from "../servers.ts";
import { failure, type Message } from "./message.ts";

/** Session of a client that began while the server was away; it ends when the server is back. */
export const offlineSession = "offline";

/** Answers for a server that cannot be reached, as far as its last answers go. */
export async function offline(
  gateway: Gateway,
  caller: Caller,
  server: McpServer,
  messages: readonly Message[],
  session: string,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const [message] = messages;
  // There is nothing to hear from it; a client comes again later.
  if (!message) return reply.code(502).send(failure(null, -32000, away(server)));
  if (message.id === undefined) return reply.code(202).send();
  const result = gateway.answers.keeps(message) ? await gateway.answers.last(caller, server, message) : undefined;
  if (!result) return reply.code(session ? 200 : 502).send(failure(message.id, -32000, away(server)));
  if (message.method === "initialize") {
    reply.header("mcp-session-id", gateway.seal.close(caller, server.id, offlineSession));
  }
  return reply.send({ jsonrpc: "2.0", id: message.id, result });
}

/** Whether anything answers at its address. */
export async function isBack(agent: Agent, server: McpServer): Promise<boolean> {
  const { origin, pathname } = new URL(server.url);
  try {
    const answer = await agent.request({
      origin,
      path: pathname,
      method: "OPTIONS",
      signal: AbortSignal.timeout(1500),
    });
    await answer.body.dump();
    return true;
  } catch {
    return false;
  }
}

function away({ name }: McpServer): string {
  return `The server ${name} cannot be reached now, and there is no earlier answer to this.`;
}
