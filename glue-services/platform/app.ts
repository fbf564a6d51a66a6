import { fileURLToPath } from "node:url";
import type { Service } from "../kit/index.ts";
import { apiRoutes } from "./routes/api.ts";
import { assetRoutes } from "./routes/assets.ts";
import { docsRoutes } from "./routes/docs.ts";
import { pageRoutes } from "./routes/pages.ts";
import { type StatusOptions, statusReader } from "./status/status.ts";

export interface PlatformOptions extends StatusOptions {
  /** Folder of the Markdown pages. @default docs/ of this checkout */
  docs: string | undefined;
}

const ownDocs = fileURLToPath(new URL("../../docs/", import.meta.url));

/** How the platform is, which version it is, and its documentation. Needs no database: it answers when all else is down. */
export function platform(options: PlatformOptions): Service {
  return {
    name: "platform",
    async register(app) {
      const read = statusReader(options);
      apiRoutes(app, { version: options.version, read });
      pageRoutes(app, { read });
      docsRoutes(app, { folder: options.docs ?? ownDocs });
      await assetRoutes(app);
    },
  };
}
