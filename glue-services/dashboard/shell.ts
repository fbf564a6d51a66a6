import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { FastifyReply } from "fastify";
import { sourceHash } from "./source-hash.ts";

/** The built web app of this version. */
export interface Shell {
  /** Where the build is, or will be. */
  folder: string;
  /** Answers the app's one page; false when it is not built yet, and the caller shows something simpler. */
  send(reply: FastifyReply): Promise<boolean>;
}

const nonceMark = "__NONCE__";

/** `folder` is what `build.ts --out` was given. A build that ends later is taken up without a restart. */
export async function openShell(folder: string): Promise<Shell> {
  const built = join(resolve(folder), await sourceHash());
  let page: string | undefined;
  return {
    folder: built,
    async send(reply) {
      const path = join(built, "index.html");
      if (page === undefined && existsSync(path)) page = await readFile(path, "utf8");
      if (page === undefined) return false;
      const nonce = randomBytes(16).toString("base64");
      reply
        .headers({
          "content-security-policy": policy(nonce),
          "x-content-type-options": "nosniff",
          "referrer-policy": "same-origin",
          "cross-origin-opener-policy": "same-origin",
          "permissions-policy": "camera=(), geolocation=(), microphone=()",
          "cache-control": "no-store",
        })
        .type("text/html; charset=utf-8")
        .send(page.replaceAll(nonceMark, nonce));
      return true;
    },
  };
}

const opened = new Map<string, Promise<Shell>>();

/** The same, opened once for all services of this process that show it. */
export function shellIn(folder: string): Promise<Shell> {
  const shell = opened.get(folder) ?? openShell(folder);
  opened.set(folder, shell);
  return shell;
}

/**
 * Nothing but our own files. The component library writes its variables and the lock of a dialog's background in style
 * elements of its own, which carry the nonce.
 */
function policy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "connect-src 'self'",
    "img-src 'self' data:",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
}
