/**
 * What this service and the MCP gateway agree on: the addresses that OAuth tokens are made for, and what such a token may
 * allow. Programs that register themselves get nothing else.
 */

/** Each address of the gateway is a resource of its own: all servers in one, and each server alone. */
const addresses = /^\/mcp(?:\/servers\/[a-z][a-z0-9-]{0,30})?$/;

/** The resource (RFC 8707) that an address stands for; undefined when no tokens are made for it. */
export function resourceAt(publicUrl: string, path: string): string | undefined {
  return addresses.test(path) ? `${new URL(publicUrl).origin}${path}` : undefined;
}

/** Whether tokens may be made for it. */
export function isResource(publicUrl: string, identifier: string): boolean {
  const { origin } = new URL(publicUrl);
  return identifier.startsWith(`${origin}/`) && resourceAt(publicUrl, identifier.slice(origin.length)) === identifier;
}

/** Who makes the tokens (RFC 8414), and where its metadata is. */
export function issuerOf(publicUrl: string): string {
  return `${new URL(publicUrl).origin}/api/auth`;
}

/** Scope without which a token opens nothing. */
export const useScope = "mcp:use";

/** Scopes of agents, with the words that a person reads before they agree. A token never allows more than its person may. */
export const agentScopes = {
  [useScope]: "Use the MCP servers of this organisation as you, within its rules",
  "*:read": "Read what you may read on the platform: knowledge, projects, tasks, repositories and the like",
  "*:write": "Write and change what you may change",
  "*:run": "Run what you may run, language models included",
  offline_access: "Stay connected until you disconnect it",
} as const;
export type AgentScope = keyof typeof agentScopes;

/** What a client asks for that was told nothing else. */
export const offered = (Object.keys(agentScopes) as AgentScope[]).filter((scope) => scope !== "offline_access");
