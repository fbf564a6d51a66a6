import type { FastifyReply, FastifyRequest } from "fastify";
import { Type } from "typebox";
import { isUnavailable, unavailableFor } from "../kit/database/unavailable.ts";
import { ApiError, type App } from "../kit/index.ts";
import { beginAttempt } from "./attempts.ts";
import { type Entry, record } from "./audit.ts";
import { type Auth, authPath } from "./auth.ts";
import { type CookieNames, cookieNames } from "./cookie-names.ts";
import { issuerOf, withPlainResources } from "./oauth/agents.ts";
import { consentGiven, demandShown } from "./oauth/consent.ts";
import { withDatabase } from "./oauth/database.ts";
import { stayConnected } from "./oauth/offline.ts";
import { asProtocolSays, makeRoom, registrationOf } from "./oauth/registration.ts";
import { revokesAccess } from "./oauth/revocation.ts";
import { refreshed } from "./oauth/rotation.ts";
import { refusal } from "./refusal.ts";
import { signedIn } from "./signed-in.ts";
import { sessionToken } from "./verifier.ts";

/** A refusal as OAuth says it (RFC 6749, 5.2), or the platform's own before the endpoint was asked. */
const ProtocolFailure = Type.Unsafe<unknown>({
  description: "It failed; `error`, or `error.code`, says how.",
  anyOf: [
    Type.Object({ error: Type.String(), error_description: Type.Optional(Type.String()) }),
    { $ref: "ErrorAnswer#" },
  ],
});

/** An endpoint of Better Auth that people or programs may reach; whatever is not in the table does not exist. */
interface Endpoint {
  method: "GET" | "POST";
  path: string;
  /** `person`: only with a session. */
  for: "anyone" | "person";
  /** Failures are counted, and too many refused. */
  proves?: boolean;
  /** What the audit log calls it when it succeeds, or how it tells of it. */
  audit?: string | ((body: string) => Entry | undefined);
  /** @throws ApiError when it is refused before anything is done */
  demand?(request: FastifyRequest): void;
  /** Requests that one address may make. @default the host's */
  rate?: { max: number; timeWindow: number };
  /** What Better Auth gets for what was sent. */
  rewrite?(request: Request, publicUrl: string): Request | Promise<Request>;
  /** Answered here instead, when it answers. */
  instead?(app: App, request: Request, issuer: string): Promise<Response | undefined>;
  /** Asks Better Auth, maybe again. */
  through?(app: App, request: Request, ask: (request: Request) => Promise<Response>): Promise<Response>;
  /** Done after it succeeded. */
  after?(app: App): Promise<void>;
  /** Answers as its protocol says, also when it fails; otherwise failures have this platform's one shape. */
  protocol?: boolean;
}

const open = (method: "GET" | "POST", path: string, more: Partial<Endpoint> = {}): Endpoint => {
  return { method, path, for: "anyone", ...more };
};
const own = (method: "GET" | "POST", path: string, more: Partial<Endpoint> = {}): Endpoint => {
  return { method, path, for: "person", ...more };
};

export const endpoints: Endpoint[] = [
  open("POST", "/sign-in/email", { proves: true }),
  open("POST", "/two-factor/verify-totp", { proves: true }),
  open("POST", "/two-factor/verify-backup-code", { proves: true }),
  open("GET", "/passkey/generate-authenticate-options"),
  open("POST", "/passkey/verify-authentication", { proves: true }),
  open("POST", "/sign-in/sso"),
  open("GET", "/sso/callback/:providerId"),
  open("POST", "/sso/saml2/sp/acs/:providerId"),
  open("GET", "/sso/saml2/sp/metadata"),

  own("GET", "/passkey/generate-register-options"),
  own("POST", "/passkey/verify-registration", { audit: "passkey.added" }),
  own("GET", "/passkey/list-user-passkeys"),
  own("POST", "/passkey/update-passkey", { audit: "passkey.renamed" }),
  own("POST", "/passkey/delete-passkey", { audit: "passkey.removed" }),
  own("POST", "/two-factor/enable", { proves: true, audit: "second-factor.begun" }),
  own("POST", "/two-factor/disable", { proves: true, audit: "second-factor.off" }),
  own("POST", "/two-factor/get-totp-uri", { proves: true }),
  own("POST", "/two-factor/generate-backup-codes", { proves: true, audit: "second-factor.backup-codes" }),

  open("GET", "/.well-known/openid-configuration", { protocol: true }),
  open("GET", "/jwks", { protocol: true }),
  open("GET", "/oauth2/authorize", {
    protocol: true,
    rewrite: async (request, publicUrl) => stayConnected(await withPlainResources(request, publicUrl)),
  }),
  open("POST", "/oauth2/register", {
    protocol: true,
    rate: { max: 30, timeWindow: 3_600_000 },
    rewrite: registrationOf,
    after: ({ database }) => makeRoom(database.pool),
  }),
  own("POST", "/oauth2/consent", { audit: consentGiven, demand: demandShown }),
  open("POST", "/oauth2/token", { protocol: true, rewrite: withPlainResources, through: refreshed }),
  open("GET", "/oauth2/userinfo", { protocol: true }),
  open("POST", "/oauth2/userinfo", { protocol: true }),
  open("POST", "/oauth2/introspect", { protocol: true }),
  open("POST", "/oauth2/revoke", { protocol: true, instead: revokesAccess }),
  open("GET", "/oauth2/end-session", { protocol: true }),
  open("POST", "/oauth2/end-session", { protocol: true }),
  open("POST", "/oauth2/end-session/confirm", { protocol: true }),
];

/** Registers each endpoint as a route of its own, so that authentication, limits, logs and metrics apply to it. */
export async function serveEndpoints(app: App, auth: Auth, secret: string, publicUrl: string): Promise<void> {
  const cookies = cookieNames(publicUrl);
  await app.register(async (scope) => {
    // They read their bodies themselves: JSON, and the forms of OAuth and SAML.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "string" }, (_request, body, done) => done(null, body));
    for (const endpoint of endpoints) {
      scope.route({
        method: endpoint.method,
        url: `${authPath}${endpoint.path}`,
        auth: endpoint.for === "anyone" ? "public" : {},
        ...(endpoint.rate && { config: { rateLimit: endpoint.rate } }),
        schema: { tags: ["sign-on"], summary: endpoint.path, response: answersOf(endpoint) },
        handler: (request, reply) => {
          if (
            endpoint.path === "/oauth2/end-session" &&
            !sessionToken(request.headers.cookie ?? "", cookies.sent, secret)
          ) {
            // Nothing is left to end, so there is nothing to ask.
            return reply.redirect("/sign-in");
          }
          return answer(app, { auth, publicUrl }, endpoint, request, reply, cookies);
        },
      });
    }
  });
}

/** How an endpoint answers when it does not succeed, for the description. */
function answersOf({ protocol }: Endpoint): object {
  const redirect = Type.Null({ description: "To a page, or back to whoever asked." });
  return { 302: redirect, ...(protocol && { default: ProtocolFailure }) };
}

async function answer(
  app: App,
  { auth, publicUrl }: { auth: Auth; publicUrl: string },
  endpoint: Endpoint,
  request: FastifyRequest,
  reply: FastifyReply,
  cookies: CookieNames,
) {
  if (endpoint.for === "person") signedIn(request.identity);
  endpoint.demand?.(request);
  const { pool } = app.database;
  const proof = endpoint.proves ? proofIn(request) : undefined;
  let asked = toWeb(request, proof && JSON.stringify(proof));
  try {
    asked = (await endpoint.rewrite?.(asked, publicUrl)) ?? asked;
  } catch (error) {
    return send(reply, asProtocolSays(error));
  }
  const attempt =
    proof && (await beginAttempt(pool, { account: accountOf(request, proof, cookies), address: request.ip }));
  const response = await answerOf();
  if (response.ok) await attempt?.succeeded();
  else if (response.status >= 500 || response.status < 400) await attempt?.takeBack();
  if (response.status >= 400 && !endpoint.protocol) throw await refusal(endpoint.path, response);
  if (response.ok) await endpoint.after?.(app);
  const { audit } = endpoint;
  const entry = typeof audit === "string" ? { action: audit } : audit?.(String(request.body));
  if (entry && response.ok) await app.database.withTenant(request.identity, (tx) => record(tx, request, entry));
  return send(reply, response);

  async function answerOf(): Promise<Response> {
    try {
      const instead = await endpoint.instead?.(app, asked.clone(), issuerOf(publicUrl));
      if (instead) return instead;
      const ask = (request: Request) => withDatabase(() => auth.handler(request));
      return await (endpoint.through?.(app, asked, ask) ?? ask(asked));
    } catch (error) {
      await attempt?.takeBack().catch(() => {});
      if (!endpoint.protocol || !isUnavailable(error)) throw error;
      request.log.error({ err: error }, "request failed");
      const body = { error: "temporarily_unavailable", error_description: "The database cannot be reached right now." };
      return Response.json(body, { status: 503, headers: { "retry-after": String(unavailableFor) } });
    }
  }
}

/**
 * What a proof says, read once for the limits and for Better Auth: a form, a mark before the JSON or a name that is given
 * twice could say one account to each.
 *
 * @throws ApiError UNSUPPORTED_MEDIA, INVALID
 */
function proofIn({ headers, body }: FastifyRequest): Record<string, unknown> {
  if (!/^application\/json\b/i.test(headers["content-type"] ?? "")) {
    throw new ApiError("UNSUPPORTED_MEDIA", "This takes JSON.");
  }
  try {
    const value: unknown = JSON.parse(String(body));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // Said below.
  }
  throw new ApiError("INVALID", "The body is no JSON object.");
}

/** The request as the Fetch API has it. Only what the endpoints need is handed on. */
export function toWeb(request: FastifyRequest, text?: string): Request {
  const sent = request.method === "GET" || request.body === undefined ? undefined : String(request.body);
  const body = text ?? sent;
  // HTTP/1.0 may come without a host; the endpoints know their own address.
  return new Request(new URL(request.url, `${request.protocol}://${request.host || "localhost"}`), {
    method: request.method,
    headers: webHeaders(request),
    ...(body !== undefined && { body }),
  });
}

/** Its headers alone, for calls into Better Auth that bring a body of their own. */
export function webHeaders(request: FastifyRequest): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value === undefined || name === "content-length" || name.startsWith("x-forwarded")) continue;
    headers.set(name, String(value));
  }
  // Found by the kit from the proxy it trusts; what a client says in this header is overwritten.
  headers.set("x-devflow-client", request.ip);
  return headers;
}

/** Sends a Fetch API response, each of its cookies as a header of its own. */
export async function send(reply: FastifyReply, response: Response): Promise<FastifyReply> {
  reply.code(response.status);
  for (const [name, value] of response.headers) if (name !== "set-cookie") reply.header(name, value);
  for (const cookie of response.headers.getSetCookie()) reply.header("set-cookie", cookie);
  reply.header("cache-control", response.headers.get("cache-control") ?? "no-store");
  return reply.send(Buffer.from(await response.arrayBuffer()));
}

/** Whose proof it is: the person signed in, else the address given, else the cookie of the step before. */
function accountOf(request: FastifyRequest, { email }: Record<string, unknown>, cookies: CookieNames): string {
  if (request.knownIdentity?.person) return request.knownIdentity.person;
  if (typeof email === "string") return email;
  const name = `${cookies.prefix}.two_factor`;
  const pairs = (request.headers.cookie ?? "").split("; ");
  const step = pairs.find((pair) => pair.startsWith(`${name}=`) || pair.startsWith(`__Secure-${name}=`))?.split("=")[1];
  return step ?? `address ${request.ip}`;
}
