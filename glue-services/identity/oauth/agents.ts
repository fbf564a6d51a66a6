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

/**
 * A resource in its one form: clients write the same address with a slash at its end, in capitals, with the usual port or
 * with letters percent-encoded. What is no address of the gateway stays as it is, and is refused later.
 */
export function plainResource(publicUrl: string, given: string): string {
  const url = given.length <= 2048 ? URL.parse(given) : null;
  if (!url || url.origin !== new URL(publicUrl).origin || url.username || url.password || /[?#]/.test(given))
    return given;
  // Letters that need no encoding mean the same with it (RFC 3986, 6.2.2.2); an encoded slash does not.
  const path = url.pathname
    .replaceAll(/%([2-7][0-9a-f])/gi, (code, hex) => {
      const letter = String.fromCharCode(Number.parseInt(hex, 16));
      return /[\w.~-]/.test(letter) ? letter : code;
    })
    .replace(/\/+$/, "");
  return resourceAt(publicUrl, path) ?? given;
}

/** The request with every resource that it names, in its address or its form, in its one form. */
export async function withPlainResources(request: Request, publicUrl: string): Promise<Request> {
  const url = new URL(request.url);
  const inForm = (request.headers.get("content-type") ?? "").startsWith("application/x-www-form-urlencoded");
  const form = inForm ? new URLSearchParams(await request.clone().text()) : undefined;
  let changed = false;
  for (const params of [url.searchParams, ...(form ? [form] : [])]) {
    const given = params.getAll("resource");
    const plain = given.map((one) => plainResource(publicUrl, one));
    if (plain.every((one, at) => one === given[at])) continue;
    params.delete("resource");
    for (const one of plain) params.append("resource", one);
    changed = true;
  }
  if (!changed) return request;
  return new Request(url, {
    method: request.method,
    headers: request.headers,
    ...(request.method !== "GET" && { body: form?.toString() ?? (await request.text()) }),
  });
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
