import type { App } from "../../kit/index.ts";
import type { Auth } from "../auth.ts";

/**
 * Where clients look for the metadata of the authorization server (RFC 8414, with the issuer's path behind; OpenID
 * Connect's way; and at the root, as clients did before there was metadata of resources). OpenID Connect's own address
 * below the issuer is one of the library's endpoints.
 */
const addresses = [
  "/.well-known/oauth-authorization-server/api/auth",
  "/.well-known/openid-configuration/api/auth",
  "/.well-known/oauth-authorization-server",
  "/api/auth/.well-known/oauth-authorization-server",
];

export function metadataRoutes(app: App, auth: Auth): void {
  for (const address of addresses) {
    app.get(address, { auth: "public", config: { quiet: true }, schema: { hide: true } }, async (_request, reply) => {
      const api = auth.api as unknown as { getOAuthServerConfig(): Promise<Record<string, unknown>> };
      const metadata = await api.getOAuthServerConfig();
      const methods = metadata.revocation_endpoint_auth_methods_supported as string[];
      return reply
        .headers({ "cache-control": "public, max-age=300", "access-control-allow-origin": "*" })
        .send({ ...metadata, revocation_endpoint_auth_methods_supported: ["none", ...methods] });
    });
  }
}
