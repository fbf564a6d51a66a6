import { type Static, Type } from "typebox";
import { ApiError, type App } from "../../kit/index.ts";
import { record } from "../audit.ts";
import type { Auth } from "../auth.ts";
import { webHeaders } from "../endpoints.ts";
import { platformAdministrator } from "../permissions.ts";
import { NewSignOn, SignOnName, SignOnProvider } from "../schemas.ts";
import { signedIn } from "../signed-in.ts";

const tags = ["sign-on"];
/** A provider vouches for addresses of a domain, whichever organisations its people belong to. */
const manage = { role: platformAdministrator } as const;
const ByName = Type.Object({ provider: SignOnName });

/** Identity providers of an organisation, by OpenID Connect or SAML. People are invited first; then they sign on there. */
export function signOnRoutes(app: App, { auth, publicUrl }: { auth: Auth; publicUrl: string }): void {
  const { pool } = app.database;

  app.get(
    "/api/identity/sign-on",
    { auth: manage, schema: { tags, response: { 200: Type.Array(SignOnProvider) } } },
    async ({ identity }) => {
      const { rows } = await pool.query<Static<typeof SignOnProvider>>(
        `select "providerId" as provider, domain, issuer, case when "samlConfig" is null then 'oidc' else 'saml' end as kind
         from "ssoProvider" where "organizationId" = $1 order by "providerId"`,
        [identity.organisation],
      );
      return rows;
    },
  );

  app.post(
    "/api/identity/sign-on",
    { auth: manage, schema: { tags, body: NewSignOn, response: { 201: SignOnProvider } } },
    async (request, reply) => {
      const { provider, domain, issuer, oidc, saml } = request.body;
      const { identity } = request;
      signedIn(identity);
      if (!oidc === !saml) throw new ApiError("INVALID", "Give either oidc or saml.");
      const response = await auth.api.registerSSOProvider({
        headers: webHeaders(request),
        body: {
          providerId: provider,
          issuer,
          domain,
          organizationId: identity.organisation,
          ...(oidc && { oidcConfig: { ...oidc, pkce: true, scopes: ["openid", "email", "profile"] } }),
          ...(saml && {
            samlConfig: {
              issuer: `${publicUrl}/api/auth/sso/saml2/sp/metadata`,
              entryPoint: saml.entryPoint,
              cert: saml.certificate,
              idpMetadata: { entityID: saml.entityId },
              spMetadata: {},
            },
          }),
        } as never,
        asResponse: true,
      });
      if (!response.ok) {
        const { message } = (await response.json().catch(() => ({}))) as { message?: string };
        throw new ApiError(response.status === 422 ? "CONFLICT" : "INVALID", message ?? "The provider was refused.");
      }
      await app.database.withTenant(identity, async (tx) => {
        await tx.query('update "ssoProvider" set "domainVerified" = true where "providerId" = $1', [provider]);
        await record(tx, request, { action: "sign-on.added", target: provider, details: { domain, issuer } });
      });
      return reply.code(201).send({ provider, domain, issuer, kind: oidc ? "oidc" : "saml" });
    },
  );

  app.delete(
    "/api/identity/sign-on/:provider",
    { auth: manage, schema: { tags, params: ByName, response: { 204: Type.Null() } } },
    async (request, reply) => {
      await app.database.withTenant(request.identity, async (tx) => {
        const { rowCount } = await tx.query(
          'delete from "ssoProvider" where "providerId" = $1 and "organizationId" = $2',
          [request.params.provider, request.identity.organisation],
        );
        if (!rowCount) throw new ApiError("NOT_FOUND", "There is no such provider.");
        await record(tx, request, { action: "sign-on.removed", target: request.params.provider });
      });
      return reply.code(204).send(null);
    },
  );
}
