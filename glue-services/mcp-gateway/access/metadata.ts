import type { FastifyReply, FastifyRequest } from "fastify";
import { issuerOf, resourceAt } from "../../identity/contract.ts";
import { ApiError } from "../../kit/index.ts";
import type { Gateway } from "../gateway.ts";
import { pathOf, scopesFor } from "./challenge.ts";

/** Protected resource metadata (RFC 9728): who makes tokens for this very address, and with which scopes. */
export function resourceMetadata(gateway: Gateway, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const path =
    (request.url.split("?", 1)[0] ?? "").replace(/^\/\.well-known\/oauth-protected-resource|\/$/g, "") || "/mcp";
  const resource = resourceAt(gateway.publicUrl, path);
  if (!resource) throw new ApiError("NOT_FOUND", "Nothing is there.");
  return reply
    .header("cache-control", "public, max-age=300")
    .header("access-control-allow-origin", "*")
    .send({
      resource,
      authorization_servers: [issuerOf(gateway.publicUrl)],
      scopes_supported: scopesFor(path),
      bearer_methods_supported: ["header"],
      resource_name: "DevFlow MCP gateway",
      resource_documentation: `${gateway.publicUrl}/docs/mcp`,
    });
}

/** The resource that a request is for: its address, and for the transport before 2025 the one above. */
export function audienceOf(gateway: Gateway, request: FastifyRequest): string | undefined {
  return resourceAt(gateway.publicUrl, pathOf(request));
}
