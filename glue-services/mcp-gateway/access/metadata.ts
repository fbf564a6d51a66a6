import type { FastifyReply, FastifyRequest } from "fastify";
import { ApiError } from "../../kit/index.ts";
import type { Gateway } from "../gateway.ts";
import { useScope } from "./caller.ts";

/**
 * Protected resource metadata (RFC 9728). It names no authorization server: keys are made in the dashboard, and tokens of
 * OAuth are not taken.
 */
export function resourceMetadata(gateway: Gateway, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const path = (request.url.split("?", 1)[0] ?? "").replace(/^\/\.well-known\/oauth-protected-resource/, "") || "/mcp";
  if (!/^\/mcp(\/servers\/[a-z][a-z0-9-]{0,30})?$/.test(path)) throw new ApiError("NOT_FOUND", "Nothing is there.");
  return reply
    .header("cache-control", "public, max-age=300")
    .header("access-control-allow-origin", "*")
    .send({
      resource: `${gateway.publicUrl}${path}`,
      scopes_supported: [useScope],
      bearer_methods_supported: ["header"],
      resource_name: "DevFlow MCP gateway",
      resource_documentation: `${gateway.publicUrl}/docs/mcp`,
    });
}
