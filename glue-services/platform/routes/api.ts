import type { FastifyRequest } from "fastify";
import type { App } from "../../kit/index.ts";
import { statusFragment } from "../pages/status-page.ts";
import { Status, Version } from "../schemas.ts";
import type { StatusLook } from "../status/view.ts";

/** What programs ask. Public, for probes and for a page that answers when all else is down; strangers see less of it. */
export function apiRoutes(
  app: App,
  options: { version: string; look: StatusLook; insider(request: FastifyRequest): Promise<boolean> },
): void {
  const tags = ["platform"];
  const startedAt = new Date(Date.now() - process.uptime() * 1000).toISOString();

  app.get(
    "/api/platform/status",
    {
      auth: "public",
      config: { quiet: true },
      schema: { tags, summary: "How every component is", response: { 200: Status } },
    },
    async (request, reply) => {
      const status = await options.look(request);
      reply.headers({ "cache-control": "no-cache", vary: "accept, authorization, cookie" });
      if (!request.headers.accept?.startsWith("text/html")) return status;
      // The page's script takes the server's rendering, so that there is only one.
      return reply
        .type("text/html; charset=utf-8")
        .serializer(String)
        .send(statusFragment(status) as never);
    },
  );

  app.get(
    "/api/platform/version",
    { auth: "public", schema: { tags, summary: "What runs here", response: { 200: Version } } },
    async (request) => {
      const { version } = options;
      return (await options.insider(request)) ? { version, node: process.versions.node, startedAt } : { version };
    },
  );
}
