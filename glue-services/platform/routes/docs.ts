import type { FastifyReply } from "fastify";
import { Type } from "typebox";
import type { App } from "../../kit/index.ts";
import type { Library } from "../docs/library.ts";
import { searchDocs } from "../docs/search.ts";
import { docsPage, missingPage, searchPage } from "../pages/docs-page.ts";
import { sendPage } from "../pages/layout.ts";

/** The documentation of this very version, readable without a network. */
export function docsRoutes(
  app: App,
  { library, shell }: { library: Library; shell: (reply: FastifyReply) => Promise<boolean> },
): void {
  const settings = { auth: "public", schema: { hide: true } } as const;

  app.get("/docs", settings, async (_request, reply) => reply.redirect("/docs/", 308));

  const Query = Type.Object({ q: Type.String({ default: "", maxLength: 200 }) });
  app.get("/docs/search", { auth: "public", schema: { hide: true, querystring: Query } }, async (request, reply) => {
    if (await shell(reply)) return reply;
    const pages = await library.pages();
    const query = request.query.q.trim();
    return sendPage(reply, { title: "Search", at: "docs", body: searchPage(pages, query, searchDocs(pages, query)) });
  });

  app.get<{ Params: { "*": string } }>("/docs/*", settings, async (request, reply) => {
    if (await shell(reply)) return reply;
    const pages = await library.pages();
    const path = request.params["*"];
    const page = (await library.find(path)) ?? (path === "" ? pages[0] : undefined);
    if (!page) return sendPage(reply.code(404), { title: "No such page", at: "docs", body: missingPage(pages) });
    const { renderDoc } = await import("../docs/render.ts");
    return sendPage(reply, { title: page.title, at: "docs", body: docsPage(pages, page, renderDoc(page)) });
  });
}
