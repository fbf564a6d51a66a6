import type { FastifyReply, FastifyRequest } from "fastify";
import { offered, useScope } from "../../identity/contract.ts";
import { isUnavailable, unavailableFor } from "../../kit/database/unavailable.ts";
import { ApiError } from "../../kit/index.ts";
import { TooMany } from "../limits/meter.ts";
import { failure } from "../pass/message.ts";

/** Where a client finds out how to get a token for this address (RFC 9728, with the address in its path). */
export function metadataUrl(publicUrl: string, path: string): string {
  return `${publicUrl}/.well-known/oauth-protected-resource${path}`;
}

/** The address that a request is about, as it is written: for the transport before 2025 the one above. */
export function pathOf({ url }: FastifyRequest): string {
  return (url.split("?", 1)[0] ?? "").replace(/\/(sse|messages)$/, "").replace(/\/$/, "");
}

/** What a client should ask for: a server that somebody added knows nothing of the platform's own scopes. */
export function scopesFor(path: string): readonly string[] {
  return path === "/mcp" || path === "/mcp/servers/devflow" ? offered : [useScope];
}

/** Answers an error as MCP clients read it: JSON-RPC, and for a missing or insufficient token where to get one. */
export function refuse(publicUrl: string, error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, message, hint } = asApiError(error);
  if (status >= 500) request.log.warn({ err: error, reqId: request.id }, "an MCP request failed");
  if (status === 401 || (status === 403 && message.includes(useScope))) {
    const path = pathOf(request);
    const tried = request.headers.authorization === undefined ? "" : `error="invalid_token", `;
    const reason = status === 403 ? `error="insufficient_scope", ` : tried;
    const where = `resource_metadata="${metadataUrl(publicUrl, path)}"`;
    reply.header("www-authenticate", `Bearer ${reason}scope="${scopesFor(path).join(" ")}", ${where}`);
  }
  if (error instanceof TooMany) reply.header("retry-after", error.seconds);
  else if (status === 503) reply.header("retry-after", unavailableFor);
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
  if (isUnavailable(error) || statusCode === 503) {
    return { status: 503, message: "The database cannot be reached right now.", hint: "Try again in a moment." };
  }
  return { status: 500, message: "The gateway failed.", hint: "Its log says more, under the request's id." };
}
