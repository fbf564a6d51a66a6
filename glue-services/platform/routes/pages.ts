import type { FastifyReply, FastifyRequest } from "fastify";
import type { App } from "../../kit/index.ts";
import { sendPage } from "../pages/layout.ts";
import { statusPage } from "../pages/status-page.ts";
import type { StatusLook } from "../status/view.ts";

/**
 * The pages that are not documentation. The plain status page needs nothing but this service: it is at `/status`, and at
 * `/` where there is no dashboard.
 */
export function pageRoutes(
  app: App,
  options: { look: StatusLook; shell: (reply: FastifyReply) => Promise<boolean> },
): void {
  const settings = { auth: "public", config: { quiet: true }, schema: { hide: true } } as const;
  const plain = async (request: FastifyRequest, reply: FastifyReply) =>
    sendPage(reply, {
      title: "Status",
      at: "status",
      body: statusPage(await options.look(request)),
      script: "/assets/status.js",
    });
  app.get("/", settings, async (request, reply) => ((await options.shell(reply)) ? reply : plain(request, reply)));
  app.get("/status", settings, plain);
}
