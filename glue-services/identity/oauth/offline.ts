/**
 * Most clients of MCP do not know the scope that a refresh token needs, and would send their person to the browser every
 * hour. It is asked for with the others, and the person may leave it out.
 */
export function stayConnected(request: Request): Request {
  const url = new URL(request.url);
  const scopes = url.searchParams.get("scope")?.split(" ").filter(Boolean) ?? [];
  if (!url.searchParams.has("resource") || scopes.length === 0 || scopes.includes("offline_access")) return request;
  url.searchParams.set("scope", [...scopes, "offline_access"].join(" "));
  return new Request(url, request);
}
