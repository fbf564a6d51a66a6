import type { FastifyReply, FastifyRequest } from "fastify";
import { ApiError } from "../../kit/index.ts";
import { failure } from "../pass/message.ts";
import { useScope } from "./caller.ts";

/** Where a client finds out how to get a token for this address (RFC 9728, with the address in its path). */
export function metadataUrl(publicUrl: string, path: string): string {
  return `${publicUrl}/.well-known/oauth-protected-resource${path}`;
}

/** Answers an error as MCP clients read it: JSON-RPC, and for a missing or insufficient token where to get one. */
export function refuse(publicUrl: string, error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, message, hint } = asApiError(error);
  if (status >= 500) request.log.warn({ err: error, reqId: request.id }, "an MCP request failed");
  if (status === 401 || (status === 403 && message.includes(useScope))) {
    const path = request.url.split("?", 1)[0] ?? "/mcp";
    const reason = status === 403 ? `error="insufficient_scope", ` : "";
    const where = `resource_metadata="${metadataUrl(publicUrl, path)}"`;
    reply.header("www-authenticate", `Bearer ${reason}scope="${useScope}", ${where}`);
  }
  const code = status === 400 ? -32600 : status === 404 ? -32001 : -32000;
  return reply
    .code(status)
    .type("application/json")
    .send(failure(null, code, `${message} ${hint}`.trim()));
}

function asApiError(error: unknown): Pick<ApiError, "status" | "message" | "hint"> {
  if (error instanceof ApiError) return error;
  const { statusCode = 500, message = "" } = error as { statusCode?: number; message?: string };
  if (statusCode === 413) return { status: 413, message: "The message is too large.", hint: "" };
  if (statusCode === 415) return { status: 415, message: "Messages are application/json.", hint: "" };
  if (statusCode >= 400 && statusCode < 500) return { status: statusCode, message, hint: "" };
  return { status: 500, message: "The gateway failed.", hint: "Its log says more, under the request's id." };
}
