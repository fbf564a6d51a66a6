import type { FastifyInstance, FastifyRequest, RouteOptions } from "fastify";
import { ApiError } from "./api-error.ts";

/** Who sent a request, as the identity service says. Ids are UUIDs. */
export interface Identity {
  /** Undefined for a machine: an API key that belongs to an organisation. */
  person: string | undefined;
  /** Of an API key: the person whose right it acts by, at the root of the chain when a key made it. */
  maker?: string;
  organisation: string;
  roles: readonly string[];
  /** What an API key is limited to; a signed-in person has all (`*`). */
  scopes: readonly string[];
  /** How it was proved: a browser's session needs protection against cross-site requests, a key or token does not. */
  via: "session" | "key" | "token";
  /** Names the session, key or consent, without being it; rate limits count by it. */
  credential: string;
  /** The program that acts for the person by an access token of OAuth. */
  client?: string;
}

/** Reads a request's cookie or bearer token; undefined when it carries none that is valid. */
export type Verifier = (request: FastifyRequest) => Promise<Identity | undefined>;

/** Who may use a route: everyone, or those with an identity that has the scope and the role. */
export type RouteAuth = "public" | { scope?: string; role?: string };

/** The verifier of a host without an identity service: nobody is known. */
export const nobody: Verifier = async () => undefined;

/** Makes every route say who may use it: one without `auth` refuses to register, so that none is open by oversight. */
export function authenticateRoutes(app: FastifyInstance, verify: Verifier): void {
  app.decorateRequest("knownIdentity");
  app.decorateRequest("identity", {
    getter() {
      const identity = (this as unknown as FastifyRequest).knownIdentity;
      if (!identity) throw new Error("A public route has no identity; declare auth: {} or read request.knownIdentity.");
      return identity;
    },
  });
  app.decorate("authenticate", (request: FastifyRequest, auth: RouteAuth) => authenticate(app, verify, request, auth));
  app.addHook("onRoute", (route) => {
    const auth = declared(route);
    if (auth === "public") return;
    const before = route.onRequest === undefined ? [] : [route.onRequest].flat();
    route.onRequest = [
      async (request) => {
        request.knownIdentity = await app.authenticate(request, auth);
      },
      ...before,
    ];
  });
}

/** @throws ApiError UNAUTHENTICATED, FORBIDDEN, RATE_LIMITED */
async function authenticate(
  app: FastifyInstance,
  verify: Verifier,
  request: FastifyRequest,
  auth: RouteAuth,
): Promise<Identity> {
  const refuseGuesses = async (count: boolean) => {
    if (!(await app.tooManyFailures(request, { count }))) return;
    throw new ApiError("RATE_LIMITED", "Too many failed attempts. Try again in a minute.");
  };
  // The same wrong credential again and again is refused without asking; another one of the same address is not.
  await refuseGuesses(false);
  const identity = await verify(request);
  if (!identity) {
    await refuseGuesses(true);
    throw new ApiError("UNAUTHENTICATED", "This needs a valid session or API key.");
  }
  if (identity.via === "session" && crossSite(request)) {
    throw new ApiError("FORBIDDEN", "A page of another site sent this request.", {
      hint: "Use the platform's own pages, or an API key.",
    });
  }
  demand(identity, auth);
  return identity;
}

/** @throws ApiError FORBIDDEN */
function demand(identity: Identity, auth: RouteAuth): void {
  if (auth === "public") return;
  if (auth.scope && !identity.scopes.includes("*") && !identity.scopes.includes(auth.scope)) {
    throw new ApiError("FORBIDDEN", `This needs the scope ${auth.scope}.`);
  }
  if (auth.role && !identity.roles.includes(auth.role)) {
    throw new ApiError("FORBIDDEN", `This needs the role ${auth.role}.`);
  }
}

/** Browsers say where a request came from; a page of another site must not act, or listen, with a person's cookie. */
function crossSite(request: FastifyRequest): boolean {
  const reads = (request.method === "GET" || request.method === "HEAD") && request.headers.upgrade === undefined;
  if (reads) return false;
  const { origin, "sec-fetch-site": site } = request.headers;
  if (origin !== undefined) return !URL.canParse(origin) || new URL(origin).host !== request.host;
  return site !== undefined && site !== "same-origin" && site !== "none";
}

function declared(route: RouteOptions): RouteAuth {
  if (route.auth !== undefined) return route.auth;
  throw new Error(
    `Route ${[route.method].flat().join("|")} ${route.url} does not say who may use it: add auth: "public" or auth: {scope, role}.`,
  );
}

declare module "fastify" {
  interface FastifyRequest {
    /** Who sent it. On a public route reading it is a mistake, and throws. */
    readonly identity: Identity;
    /** Who sent it; undefined on a public route. */
    knownIdentity: Identity | undefined;
  }
  interface FastifyInstance {
    /** Who sent the request, for what is not an ordinary route; throws like a route answers. */
    authenticate(request: FastifyRequest, auth: RouteAuth): Promise<Identity>;
  }
  interface FastifyContextConfig {
    /** The resource (RFC 8707) that access tokens must be made for here. @default none are taken */
    audience?: (request: FastifyRequest) => string | undefined;
  }
  interface RouteShorthandOptions {
    /** Who may use the route. Required. */
    auth?: RouteAuth;
  }
}
