import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { App } from "../../kit/index.ts";

/** Every file that the pages refer to. There are three, so a table serves them. */
const assets = {
  "platform.css": "text/css; charset=utf-8",
  "status.js": "text/javascript; charset=utf-8",
  "icon.svg": "image/svg+xml",
};

export async function assetRoutes(app: App): Promise<void> {
  for (const [name, type] of Object.entries(assets)) {
    const content = await readFile(new URL(`../assets/${name}`, import.meta.url));
    const etag = `"${createHash("sha256").update(content).digest("base64url").slice(0, 16)}"`;
    const settings = { auth: "public", config: { quiet: true, rateLimit: false }, schema: { hide: true } } as const;
    app.get(`/assets/${name}`, settings, async (request, reply) => {
      reply.headers({ etag, "cache-control": "no-cache", "x-content-type-options": "nosniff" });
      if (request.headers["if-none-match"] === etag) return reply.code(304).send();
      return reply.type(type).send(content);
    });
  }
}
