import { createHash } from "node:crypto";
import type { Pool } from "pg";
import { type Static, Type } from "typebox";

/** A program of the platform that signs people on through this service. It needs no consent: it is the platform itself. */
export const Client = Type.Object({
  id: Type.String({ pattern: "^[a-z][a-z0-9-]*$" }),
  name: Type.String(),
  secret: Type.String({ minLength: 32 }),
  redirectUris: Type.Array(Type.String({ format: "uri" }), { minItems: 1 }),
  postLogoutRedirectUris: Type.Array(Type.String({ format: "uri" })),
  /** False for a program that cannot do PKCE; its secret then is what protects the code. */
  pkce: Type.Boolean(),
});
export type Client = Static<typeof Client>;

/** Makes the registered clients those that are given: new ones are added, changed ones changed, others switched off. */
export async function registerClients(pool: Pool, clients: readonly Client[]): Promise<void> {
  for (const client of clients) {
    await pool.query(
      `insert into "oauthClient" ("clientId", "clientSecret", name, "redirectUris", "postLogoutRedirectUris", "requirePKCE",
         disabled, "skipConsent", "enableEndSession", "tokenEndpointAuthMethod", "grantTypes", "responseTypes", scopes,
         "applicationType", "createdAt", "updatedAt")
       values ($1, $2, $3, $4, $5, $6, false, true, true, 'client_secret_basic', '["authorization_code","refresh_token"]',
         '["code"]', '["openid","profile","email","groups","offline_access"]', 'web', now(), now())
       on conflict ("clientId") do update set "clientSecret" = $2, name = $3, "redirectUris" = $4,
         "postLogoutRedirectUris" = $5, "requirePKCE" = $6, disabled = false, "updatedAt" = now()`,
      [
        client.id,
        createHash("sha256").update(client.secret).digest("base64url"),
        client.name,
        JSON.stringify(client.redirectUris),
        JSON.stringify(client.postLogoutRedirectUris),
        client.pkce,
      ],
    );
  }
  // Those that ask for consent registered themselves.
  await pool.query('update "oauthClient" set disabled = true where "skipConsent" and "clientId" <> all ($1)', [
    clients.map(({ id }) => id),
  ]);
}
