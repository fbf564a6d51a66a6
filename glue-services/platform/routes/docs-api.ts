import { Type } from "typebox";
import { ApiError, type App } from "../../kit/index.ts";
import type { Library } from "../docs/library.ts";
import { searchDocs } from "../docs/search.ts";

const Entry = Type.Object({ path: Type.String(), title: Type.String(), section: Type.String() });
const Page = Type.Object({ ...Entry.properties, html: Type.String({ description: "Rendered, without scripts." }) });
const Found = Type.Object({
  ...Entry.properties,
  excerpt: Type.Array(Type.Object({ text: Type.String(), match: Type.Boolean() })),
});

/** The documentation for programs: the dashboard shows it in its own pages. Public, like the pages. */
export function docsApiRoutes(app: App, library: Library): void {
  const tags = ["platform"];
  app.get(
    "/api/platform/docs",
    { auth: "public", schema: { tags, summary: "Pages of the documentation", response: { 200: Type.Array(Entry) } } },
    async () => (await library.pages()).map(({ path, title, section }) => ({ path, title, section })),
  );
  app.get(
    "/api/platform/docs/page",
    {
      auth: "public",
      schema: {
        tags,
        summary: "One page",
        querystring: Type.Object({ path: Type.String({ default: "", maxLength: 300 }) }),
        response: { 200: Page },
      },
    },
    async ({ query }) => {
      const page = (await library.find(query.path)) ?? (query.path === "" ? (await library.pages())[0] : undefined);
      if (!page) throw new ApiError("NOT_FOUND", "There is no such page in the documentation.");
      const { renderDoc } = await import("../docs/render.ts");
      return { path: page.path, title: page.title, section: page.section, html: renderDoc(page).source };
    },
  );
  app.get(
    "/api/platform/docs/search",
    {
      auth: "public",
      schema: {
        tags,
        summary: "Pages with all the words",
        querystring: Type.Object({ q: Type.String({ default: "", maxLength: 200 }) }),
        response: { 200: Type.Array(Found) },
      },
    },
    async ({ query }) =>
      searchDocs(await library.pages(), query.q.trim()).map(({ page: { path, title, section }, excerpt }) => ({
        path,
        title,
        section,
        excerpt,
      })),
  );
}
