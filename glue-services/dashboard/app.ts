import fastifyStatic from "@fastify/static";
import type { FastifyReply } from "fastify";
import { type Static, Type } from "typebox";
import { ServicePage } from "../kit/declare/index.ts";
import type { Service } from "../kit/index.ts";
import type { Shell } from "./shell.ts";

/** What the app must know before it can show anything. */
export const DashboardContext = Type.Object({
  version: Type.String(),
  kind: Type.String({ description: "local, onprem, saas or dedicated." }),
  url: Type.String({ description: "Address of the platform." }),
  /** Which of the addresses its pages need this host answers. */
  answers: Type.Array(Type.String()),
  /** Pages that services declare. */
  pages: Type.Array(ServicePage),
});
export type DashboardContext = Static<typeof DashboardContext>;

export interface DashboardOptions {
  shell: Shell;
  version: string;
  kind: string;
  publicUrl: string;
  /** Pages that services declare. @default none */
  pages?: readonly ServicePage[];
}

/**
 * First parts of the addresses of its pages (`o` with the organisation before all others), besides `/` and `/docs/`, which the platform service hands over to it.
 */
export const pageRoots = [
  "o",
  "hub",
  "mcp-servers",
  "code",
  "knowledge",
  "projects",
  "components",
  "people",
  "organisations",
  "keys",
  "secrets",
  "sessions",
  "audit",
  "settings",
  "account",
] as const;

/** Addresses that some pages cannot be without; a page whose address is not answered is not offered. */
const needed = [
  "/api/mcp/servers",
  "/api/identity/me",
  "/api/identity/people",
  "/api/identity/organisations",
  "/api/identity/keys",
  "/api/platform/audit",
  "/api/secrets",
  "/api/ai/models",
  "/api/knowledge/sources",
  "/api/projects",
];

/** The web UI: one page and its hashed files; everything it shows comes from the other services' APIs. */
export function dashboard({ shell, version, kind, publicUrl, pages = [] }: DashboardOptions): Service {
  return {
    name: "dashboard",
    async register(app) {
      const open = { auth: "public", config: { quiet: true, rateLimit: false }, schema: { hide: true } } as const;
      app.missingPage.send = shell.send;
      const page = async (_request: unknown, reply: FastifyReply) =>
        (await shell.send(reply)) ? reply : reply.redirect("/", 302);
      const declared = pages.map(({ path }) => path.split("/")[1] ?? "");
      for (const root of new Set([...pageRoots, ...declared])) {
        app.get(`/${root}`, open, page);
        app.get(`/${root}/*`, open, page);
      }

      app.get(
        "/api/dashboard/context",
        { auth: "public", schema: { hide: true, response: { 200: DashboardContext } } },
        async () => ({
          version,
          kind,
          url: publicUrl,
          pages: [...pages],
          answers: needed.filter((url) => app.hasRoute({ method: "GET", url })),
        }),
      );

      await app.register(fastifyStatic, {
        root: shell.folder,
        serve: false,
        preCompressed: true,
        cacheControl: false,
        setHeaders(reply, path) {
          const hashed = path.includes("/assets/");
          reply.header("cache-control", hashed ? "public, max-age=31536000, immutable" : "no-cache");
          reply.header("x-content-type-options", "nosniff");
        },
      });
      app.get<{ Params: { "*": string } }>("/app/*", open, async (request, reply) =>
        reply.sendFile(request.params["*"]),
      );
    },
  };
}
