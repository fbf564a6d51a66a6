import rateLimit from "@fastify/rate-limit";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { ApiError } from "./api-error.ts";

export interface RateLimits {
  /** Requests a minute from one address without an identity, and from one session or key. */
  anonymous: number;
  known: number;
  /** Failed attempts to prove an identity, a minute and address. */
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
  const failures = app.createRateLimit({
    max: limits.failures,
    timeWindow: 60_000,
    keyGenerator: (request) => `failure ${request.ip}`,
  });
  let lastFailure = Number.NEGATIVE_INFINITY;
  app.decorate("tooManyFailures", async (request: FastifyRequest, { count }: { count: boolean }) => {
    if (count) lastFailure = performance.now();
    else if (performance.now() - lastFailure > 60_000) return false;
    const result = await failures(request, { increment: count });
    return !result.isAllowed && result.isExceeded;
  });
}

function counted(request: FastifyRequest): string {
  const identity = request.knownIdentity;
  return identity ? `known ${identity.credential}` : `address ${request.ip}`;
}

declare module "fastify" {
  interface FastifyInstance {
    /** Whether this address has failed too often to prove an identity; `count` adds this request to the failures. */
    tooManyFailures(request: FastifyRequest, options: { count: boolean }): Promise<boolean>;
  }
}
