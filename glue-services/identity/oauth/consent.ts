import type { FastifyRequest } from "fastify";
import { ApiError } from "../../kit/index.ts";
import type { Entry } from "../audit.ts";

/**
 * A person agrees for the organisation that their page shows, also when they chose another one in another window since.
 *
 * @throws ApiError CONFLICT, INVALID
 */
export function demandShown({ body, identity }: FastifyRequest): void {
  const { organisation } = given(String(body));
  if (organisation === identity.organisation) return;
  throw new ApiError("CONFLICT", "You act for another organisation by now.", { hint: "Load this page again." });
}

/** What the audit log says when a person let a program act for them; nothing when they did not. */
export function consentGiven(body: string): Entry | undefined {
  const { accept, scope, oauth_query: asked = "" } = given(body);
  if (accept !== true) return undefined;
  const query = new URLSearchParams(String(asked));
  return {
    action: "agent.connected",
    target: query.get("client_id") ?? "",
    details: { scopes: (scope ?? query.get("scope") ?? "").toString().split(" "), resource: query.get("resource") },
  };
}

function given(body: string): Record<string, unknown> {
  try {
    return JSON.parse(body) ?? {};
  } catch {
    throw new ApiError("INVALID", "The body is not JSON.");
  }
}
