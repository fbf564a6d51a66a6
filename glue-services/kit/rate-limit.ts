import { hash } from "node:crypto";
import rateLimit from "@fastify/rate-limit";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { ApiError } from "./api-error.ts";
import { clientNetwork } from "./client-network.ts";

export interface RateLimits {
  /** Requests a minute from one address without an identity, and from one session or key. */
  anonymous: number;
  known: number;
  /** Failed attempts to prove an identity, a minute: with one credential, and with any from one address. */
  failures: number;
}

export const defaultRateLimits: RateLimits = { anonymous: 600, known: 3000, failures: 30 };

/** Counts requests by session or key, else by address. A route tightens it by `config: {rateLimit: {max, timeWindow}}`. */
export async function limitRates(app: FastifyInstance, limits: RateLimits): Promise<void> {
  await app.register(rateLimit, {
    timeWindow: 60_000,
    max: (_request, key) => (key.startsWith("known ") ? limits.known : limits.anonymous),
    keyGenerator: counted,
    // Who is refused is told when to come back; nobody needs three more headers on every answer.
    addHeaders: { "x-ratelimit-limit": false, "x-ratelimit-remaining": false, "x-ratelimit-reset": false },
    addHeadersOnExceeding: { "x-ratelimit-limit": false, "x-ratelimit-remaining": false, "x-ratelimit-reset": false },
    errorResponseBuilder: (_request, { ttl }) =>
      new ApiError("RATE_LIMITED", `Too many requests; the next one is welcome in ${Math.ceil(ttl / 1000)} s.`),
  });
  const settings = { max: limits.failures, timeWindow: 60_000 };
  const byCredential = app.createRateLimit({ ...settings, keyGenerator: (request) => `failure ${presented(request)}` });
  const byAddress = app.createRateLimit({
    ...settings,
    keyGenerator: (request) => `failures of ${clientNetwork(request.ip)}`,
  });
  let lastFailure = Number.NEGATIVE_INFINITY;
  app.decorate("tooManyFailures", async (request: FastifyRequest, { count }: { count: boolean }) => {
    // Whoever presents nothing guesses nothing.
    if (presented(request) === undefined) return false;
    const exceeded = async (limit: typeof byCredential) => {
      const result = await limit(request, { increment: count });
      return !result.isAllowed && result.isExceeded;
    };
    if (!count) return performance.now() - lastFailure <= 60_000 && exceeded(byCredential);
    lastFailure = performance.now();
    const [credential, address] = await Promise.all([exceeded(byCredential), exceeded(byAddress)]);
    return credential || address;
  });
}

/** Names what a request brings to prove who it is from, without being it. */
function presented({ headers }: FastifyRequest): string | undefined {
  const { authorization, cookie, "x-api-key": key } = headers;
  const proof = authorization ?? (typeof key === "string" ? key : cookie);
  return proof === undefined ? undefined : hash("sha256", proof, "base64");
}

function counted(request: FastifyRequest): string {
  const identity = request.knownIdentity;
  return identity ? `known ${identity.credential}` : `address ${clientNetwork(request.ip)}`;
}

declare module "fastify" {
  interface FastifyInstance {
    /**
     * Whether what the request presents has failed too often. With `count` this request is one more failure, and the
     * others of its address count too: ask so only when it failed, since a valid credential is never refused for what
     * strangers behind the same address present.
     */
    tooManyFailures(request: FastifyRequest, options: { count: boolean }): Promise<boolean>;
  }
}
