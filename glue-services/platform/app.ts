import { fileURLToPath } from "node:url";
import type { FastifyReply } from "fastify";
import type { Service } from "../kit/index.ts";
import { openLibrary } from "./docs/library.ts";
import { measureComponents } from "./metrics/components.ts";
import { apiRoutes } from "./routes/api.ts";
import { assetRoutes } from "./routes/assets.ts";
import { componentRoutes } from "./routes/components.ts";
import { docsRoutes } from "./routes/docs.ts";
import { docsApiRoutes } from "./routes/docs-api.ts";
import { logRoutes } from "./routes/logs.ts";
import { metricsRoutes } from "./routes/metrics.ts";
import { pageRoutes } from "./routes/pages.ts";
import { runRoutes } from "./routes/runs.ts";
import { publishStatus } from "./status/live.ts";
import { type StatusOptions, statusReader } from "./status/status.ts";
import { forStrangers, insiders, type StatusLook } from "./status/view.ts";

export interface PlatformOptions extends StatusOptions {
  /** Address of the stack's Prometheus. @default the one that the supervisor runs */
  prometheus?: string | undefined;
  /** Folder of the Markdown pages. @default docs/ of this checkout */
  docs: string | undefined;
  /** Answers the dashboard's page; false when there is none, and the plain pages are shown. @default there is none */
  shell?: ((reply: FastifyReply) => Promise<boolean>) | undefined;
}

const ownDocs = fileURLToPath(new URL("../../docs/", import.meta.url));

/** How the platform is, which version it is, and its documentation. Needs no database: it answers when all else is down. */
export function platform(options: PlatformOptions): Service {
  return {
    name: "platform",
    async register(app) {
      const read = statusReader(options);
      const insider = insiders(app, options.publicUrl);
      const look: StatusLook = async (request) => ((await insider(request)) ? read() : forStrangers(await read()));
      apiRoutes(app, { version: options.version, look, insider });
      const shell = options.shell ?? (async () => false);
      const library = openLibrary(options.docs ?? ownDocs);
      pageRoutes(app, { look, shell });
      docsRoutes(app, { library, shell });
      docsApiRoutes(app, library);
      runRoutes(app, options);
      logRoutes(app, options);
      componentRoutes(app, options);
      metricsRoutes(app, options);
      measureComponents(app, read);
      publishStatus(app, read);
      await assetRoutes(app);
    },
  };
}
