import type { Entry } from "../audit.ts";

/** What the audit log says when a person let a program act for them; nothing when they did not. */
export function consentGiven(body: string): Entry | undefined {
  const { accept, scope, oauth_query: asked = "" } = JSON.parse(body) as Record<string, string | boolean | undefined>;
  if (accept !== true) return undefined;
  const query = new URLSearchParams(String(asked));
  return {
    action: "agent.connected",
    target: query.get("client_id") ?? "",
    details: { scopes: (scope ?? query.get("scope") ?? "").toString().split(" "), resource: query.get("resource") },
  };
}
