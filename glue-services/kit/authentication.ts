import type { FastifyInstance, FastifyRequest, RouteOptions } from "fastify";
import { ApiError } from "./api-error.ts";

/** Who sent a request, as the identity service says. Ids are UUIDs. */
export interface Identity {
  /** Undefined for a machine: an API key that belongs to an organisation. */
  person: string | undefined;
  organisation: string;
  roles: readonly string[];
  /** What an API key is limited to; a signed-in person has all (`*`). */
  scopes: readonly string[];
  /** How it was proved: a browser's session needs protection against cross-site requests, a key does not. */
  via: "session" | "key";
  /** Names the session or key; rate limits count by it. */
  credential: string;
}

/** Reads a request's cookie or bearer token; undefined when it carries none that is valid. */
export type Verifier = (request: FastifyRequest) => Promise<Identity | undefined>;

/** Who may use a route: everyone, or those with an identity that has the scope and the role. */
export type RouteAuth = "public" | { scope?: string; role?: string };

/**
 * Makes every route say who may use it: one without `auth` refuses to register, so that none is open by oversight.
 * Adds `app.authenticate(request, auth)` for what is not a route (a WebSocket's subscriptions).
 */
export function authenticateRoutes(app: FastifyInstance, verify: Verifier): void {
  app.decorateRequest("identity");
  app.decorate("authenticate", (request: FastifyRequest) => verify(request));
  app.addHook("onRoute", (route) => {
    const auth = declared(route);
    if (auth === "public") return;
    const before = route.onRequest === undefined ? [] : [route.onRequest].flat();
    route.onRequest = [
      async (request) => {
        request.identity = await admit(request, auth, verify);
      },
      ...before,
    ];
  });
}

/** The verifier of a host without an identity service: nobody is known. */
export const nobody: Verifier = async () => undefined;

/** @throws ApiError UNAUTHENTICATED, FORBIDDEN */
async function admit(request: FastifyRequest, auth: Exclude<RouteAuth, "public">, verify: Verifier): Promise<Identity> {
  const identity = await verify(request);
  if (!identity) throw new ApiError("UNAUTHENTICATED", "This needs a valid session or API key.");
  if (identity.via === "session" && crossSite(request)) {
    throw new ApiError("FORBIDDEN", "A page of another site sent this request.", {
      hint: "Use the platform's own pages, or an API key.",
    });
  }
  if (auth.scope && !identity.scopes.includes("*") && !identity.scopes.includes(auth.scope)) {
    throw new ApiError("FORBIDDEN", `This needs the scope ${auth.scope}.`);
  }
  if (auth.role && !identity.roles.includes(auth.role)) {
    throw new ApiError("FORBIDDEN", `This needs the role ${auth.role}.`);
  }
  return identity;
}

/** Browsers say where a request came from; a form on another site must not act with a person's cookie. */
function crossSite(request: FastifyRequest): boolean {
  const site = request.headers["sec-fetch-site"];
  const safe = (request.method === "GET" || request.method === "HEAD") && request.headers.upgrade === undefined;
  return !safe && site !== undefined && site !== "same-origin" && site !== "none";
}

function declared(route: RouteOptions): RouteAuth {
  if (route.auth !== undefined) return route.auth;
  throw new Error(
    `Route ${[route.method].flat().join("|")} ${route.url} does not say who may use it: add auth: "public" or auth: {scope, role}.`,
  );
}

declare module "fastify" {
  interface FastifyRequest {
    /** Set on every route that is not public. */
    identity: Identity | undefined;
  }
  interface FastifyInstance {
    /** Who sent the request; undefined when it is nobody that is known. */
    authenticate(request: FastifyRequest): Promise<Identity | undefined>;
  }
  interface RouteShorthandOptions {
    /** Who may use the route. Required. */
    auth?: RouteAuth;
  }
}
