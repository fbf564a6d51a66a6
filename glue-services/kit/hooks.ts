import type { FastifyInstance } from "fastify";
import { ApiError } from "./api-error.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Gitea's webhooks may call it. @default false */
    hook?: boolean;
  }
}

/**
 * Whoever has a repository in Gitea can let it send requests of their choice here, from within, and read the answers. So
 * what comes from a webhook, which always bears this header, reaches the routes that are made for it and nothing else.
 */
export function limitHooks(app: FastifyInstance): void {
  app.addHook("onRequest", async (request) => {
    if (request.headers["x-gitea-delivery"] === undefined || request.routeOptions.config.hook) return;
    throw new ApiError("NOT_FOUND", "No webhook answers here.");
  });
}
