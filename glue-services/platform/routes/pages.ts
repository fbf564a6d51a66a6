import type { App } from "../../kit/index.ts";
import { sendPage } from "../pages/layout.ts";
import { statusPage } from "../pages/status-page.ts";
import type { statusReader } from "../status/status.ts";

/** The pages that are not documentation. */
export function pageRoutes(app: App, options: { read: ReturnType<typeof statusReader> }): void {
  app.get("/", { auth: "public", config: { quiet: true }, schema: { hide: true } }, async (_request, reply) =>
    sendPage(reply, {
      title: "Status",
      at: "status",
      body: statusPage(await options.read()),
      script: "/assets/status.js",
    }),
  );
}
