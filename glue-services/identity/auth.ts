import { getCurrentAdapter } from "@better-auth/core/context";
import type { DBTransactionAdapter } from "@better-auth/core/db/adapter";
import { oauthProvider } from "@better-auth/oauth-provider";
import { passkey } from "@better-auth/passkey";
import { sso } from "@better-auth/sso";
import { APIError, type BetterAuthPlugin, betterAuth } from "better-auth";
import { isAPIError } from "better-auth/api";
import { jwt, organization, twoFactor } from "better-auth/plugins";
import type { Pool } from "pg";
import { claimsOf } from "./claims.ts";
import { cookieNames } from "./cookie-names.ts";
import { agentScopes } from "./oauth/agents.ts";
import { accessClaims } from "./oauth/claims.ts";
import { databaseOf } from "./oauth/database.ts";
import { type Documents, discoveryId } from "./oauth/metadata-document.ts";
import { reuseSeconds } from "./oauth/rotation.ts";

export interface AuthOptions {
  /** Of the service's role; its search path starts with the service's schema. */
  pool: Pool;
  /** Signs cookies and encrypts what must be read back. At least 32 characters. */
  secret: string;
  /** Address under which people reach the platform. */
  publicUrl: string;
  /** Origins of identity providers in a private network; others must be reachable from everywhere. @default [] */
  internalProviders?: readonly string[];
  /** Clients that a document describes. */
  documents: Documents;
}

/** Where its endpoints answer. */
export const authPath = "/api/auth";

const agents = Object.keys(agentScopes);

/** Seconds. */
const day = 86_400;

/**
 * Better Auth, set up: it keeps people, sessions and the protocols of sign-on. What changes who may do what (members,
 * roles, keys, invitations) is this service's own, so that its audit entry and event are written in the same transaction.
 */
export function createAuth({ pool, secret, publicUrl, internalProviders = [], documents }: AuthOptions) {
  const { protocol, hostname, origin } = new URL(publicUrl);
  const cookies = cookieNames(publicUrl);
  const auth = betterAuth({
    appName: "DevFlow",
    baseURL: origin,
    basePath: authPath,
    secret,
    database: databaseOf(pool, origin),
    trustedOrigins: [origin, ...internalProviders],
    telemetry: { enabled: false },
    // The kit's own logs say what a request ended in; the library's would name addresses of people.
    logger: { level: "error", disabled: true },
    onAPIError: {
      // What is no refusal is ours to answer and to log: the database is away, or there is a fault.
      onError(error) {
        if (!isAPIError(error)) throw error;
      },
    },
    emailAndPassword: {
      enabled: true,
      // People come by the welcome link, by invitation, or through an identity provider that an administrator added.
      disableSignUp: true,
      minPasswordLength: 12,
      maxPasswordLength: 128,
      revokeSessionsOnPasswordReset: true,
    },
    user: {
      additionalFields: {
        username: { type: "string", required: false, unique: true, input: false },
        disabled: { type: "boolean", defaultValue: false, input: false },
      },
    },
    session: { expiresIn: 14 * day, updateAge: day, freshAge: day / 24 },
    // Only a provider that an administrator vouches for is trusted, and only with addresses of its own domain.
    account: { accountLinking: { enabled: true, trustedProviders: [] } },
    // Attempts are counted in the database by this service: per account and address, and across hosts.
    rateLimit: { enabled: false },
    advanced: {
      cookiePrefix: cookies.prefix,
      cookies: { session_token: { name: cookies.session } },
      useSecureCookies: protocol === "https:",
      defaultCookieAttributes: { httpOnly: true, sameSite: "lax" },
      database: { generateId: "uuid" },
      ipAddress: { ipAddressHeaders: ["x-devflow-client"] },
    },
    databaseHooks: {
      session: {
        create: {
          /** Whoever may do nothing gets no session, however they proved who they are. */
          async before(session) {
            // Some ways of signing in make the session in a transaction: a second connection could wait for this one.
            const organisation = await firstOrganisation(await current(), session.userId);
            if (!organisation) throw new APIError("UNAUTHORIZED", { code: "INVALID_EMAIL_OR_PASSWORD" });
            return { data: { ...session, activeOrganizationId: organisation } };
          },
          /** However they signed in: by password, passkey, provider or link. */
          async after(session) {
            await pool.query(
              `insert into audit (organisation_id, actor, credential, action, ip, details)
               values ($1, $2, $3, 'session.begun', $4, jsonb_build_object('browser', $5::text))`,
              [session.activeOrganizationId, session.userId, session.id, session.ipAddress, session.userAgent],
            );
          },
        },
      },
    },
    plugins: [
      organization({ allowUserToCreateOrganization: false }),
      twoFactor({ issuer: "DevFlow" }),
      passkey({ rpID: hostname, rpName: "DevFlow", origin }),
      jwt({ disableSettingJwtHeader: true, jwks: { keyPairConfig: { alg: "RS256" } } }),
      oauthProvider({
        loginPage: "/sign-in",
        consentPage: "/consent",
        scopes: ["openid", "profile", "email", "groups", ...agents],
        claims: ["groups", "preferred_username"],
        grantTypes: ["authorization_code", "refresh_token"],
        refreshTokenReuseInterval: reuseSeconds,
        // Each use of an agent's token is checked against its consent; those of sign-on are not, and end sooner.
        accessTokenExpiresIn: 3600,
        scopeExpirations: { openid: "10 minutes" },
        // Programs register themselves (registration.ts says as what), and get no further than a person's consent.
        allowDynamicClientRegistration: true,
        allowUnauthenticatedClientRegistration: true,
        clientRegistrationDefaultScopes: agents,
        enforcePerClientResources: false,
        // A person lets a program act for one organisation: the one they act for themselves just then.
        postLogin: {
          page: "/consent",
          shouldRedirect: async () => false,
          consentReferenceId: async ({ session }) => session.activeOrganizationId as string | undefined,
        },
        extensions: [
          {
            claims: { accessToken: (issued) => accessClaims(pool, issued) },
            clientDiscovery: {
              id: discoveryId,
              matches: documents.matches,
              async resolve({ context: { adapter } }, clientId, known) {
                if (!(await documents.learn(clientId, known))) return null;
                return adapter.findOne({ model: "oauthClient", where: [{ field: "clientId", value: clientId }] });
              },
              discoveryMetadata: { client_id_metadata_document_supported: true },
            },
          },
        ],
        customIdTokenClaims: ({ user, scopes }) => claimsOf(pool, user.id, scopes),
        customUserInfoClaims: ({ user, scopes }) => claimsOf(pool, user.id, scopes),
        silenceWarnings: { oauthAuthServerConfig: true, openidConfig: true },
        // Its declared type and the library's differ in whether absent options may be undefined.
      }) as unknown as BetterAuthPlugin,
      sso({ disableImplicitSignUp: true, domainVerification: { enabled: true } }),
    ],
  });
  return auth;

  /** What reads in the transaction that is open, where there is one. */
  async function current(): Promise<Reading> {
    return getCurrentAdapter((await auth.$context).adapter);
  }
}

type Reading = Pick<DBTransactionAdapter, "findOne" | "findMany">;

/** The one they joined first; undefined for whoever is disabled or belongs nowhere. */
async function firstOrganisation(adapter: Reading, person: string): Promise<string | undefined> {
  const user = await adapter.findOne<{ disabled: boolean | null }>({
    model: "user",
    where: [{ field: "id", value: person }],
  });
  if (!user || user.disabled) return undefined;
  const [first] = await adapter.findMany<{ organizationId: string }>({
    model: "member",
    where: [{ field: "userId", value: person }],
    sortBy: { field: "createdAt", direction: "asc" },
    limit: 1,
  });
  return first?.organizationId;
}
export type Auth = ReturnType<typeof createAuth>;
