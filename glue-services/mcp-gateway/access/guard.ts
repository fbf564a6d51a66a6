import { localhostAllowedHostnames, validateHostHeader, validateOriginHeader } from "@modelcontextprotocol/server";
import type { FastifyRequest } from "fastify";
import { ApiError } from "../../kit/index.ts";

/**
 * Refuses requests that a page of another site got a browser to send: one whose name was made to point at this machine
 * (DNS rebinding), or one with an origin that is not ours.
 */
export function guardAgainstRebinding(publicUrl: string): (request: FastifyRequest) => void {
  const names = [new URL(publicUrl).hostname, ...localhostAllowedHostnames()];
  return ({ headers }) => {
    const host = validateHostHeader(headers.host, names);
    if (!host.ok) {
      throw new ApiError("FORBIDDEN", `The gateway is not reached as ${headers.host}.`, {
        hint: `Use ${publicUrl}, and have a proxy in front pass on the Host header as it came.`,
        docs: "mcp",
      });
    }
    const origin = validateOriginHeader(headers.origin, names);
    if (!origin.ok) throw new ApiError("FORBIDDEN", "A page of another site sent this request.", { docs: "mcp" });
  };
}
