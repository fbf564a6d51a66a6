import { realtimeHost } from "./realtime.ts";

/**
 * Who may take a route: everybody; whoever has one of the two keys; whoever has the secret one; who knows the password of
 * Studio; nobody.
 */
export type Access = "open" | "key" | "admin" | "password" | "blocked";

export interface GatewayRoute {
  prefix: string;
  access: Access;
  /** Part it leads to, and what its path begins with there. */
  to?: string;
  rewrite?: string;
  /** Seconds it may take; 0: as long as it wants. @default 30 */
  timeout?: number;
  host?: string;
  headers?: Record<string, string>;
}

/** In the order they are tried, as upstream's own gateway has them. */
export const gatewayRoutes: GatewayRoute[] = [
  { prefix: "/auth/v1/verify", access: "open", to: "auth", rewrite: "/verify" },
  { prefix: "/auth/v1/callback", access: "open", to: "auth", rewrite: "/callback" },
  { prefix: "/auth/v1/authorize", access: "open", to: "auth", rewrite: "/authorize" },
  { prefix: "/auth/v1/.well-known/jwks.json", access: "open", to: "auth", rewrite: "/.well-known/jwks.json" },
  { prefix: "/.well-known/oauth-authorization-server", access: "open", to: "auth" },
  { prefix: "/sso/saml/acs", access: "open", to: "auth" },
  { prefix: "/sso/saml/metadata", access: "open", to: "auth" },
  { prefix: "/auth/v1/", access: "key", to: "auth", rewrite: "/" },
  // The rules of the database say who may read which object, and functions look at tokens themselves.
  { prefix: "/storage/v1/", access: "open", to: "storage", rewrite: "/", timeout: 0 },
  { prefix: "/functions/v1/", access: "open", to: "functions", rewrite: "/", timeout: 150 },
  { prefix: "/rest/v1/", access: "key", to: "rest", rewrite: "/" },
  {
    ...{ prefix: "/graphql/v1", access: "key", to: "rest", rewrite: "/rpc/graphql" },
    headers: { "Content-Profile": "graphql_public" },
  },
  { prefix: "/realtime/v1/api/openapi", access: "blocked" },
  { prefix: "/realtime/v1/api/tenants", access: "blocked" },
  { prefix: "/realtime/v1/api", access: "key", to: "realtime", rewrite: "/api", host: realtimeHost },
  { prefix: "/realtime/v1/", access: "key", to: "realtime", rewrite: "/socket/", host: realtimeHost, timeout: 0 },
  { prefix: "/pg/", access: "admin", to: "meta", rewrite: "/" },
  { prefix: "/api/mcp", access: "blocked" },
  { prefix: "/mcp", access: "blocked" },
  { prefix: "/", access: "password", to: "studio", timeout: 120 },
];
