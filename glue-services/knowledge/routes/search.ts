import { Type } from "typebox";
import type { Knowledge } from "../knowledge.ts";
import { ById, Id, SearchAsked, SearchTold, Time } from "../schemas.ts";
import { search } from "../search/search.ts";
import { readPage } from "../store/page-read.ts";
import { abandoned } from "./abandoned.ts";

const tags = ["knowledge"];
const read = { scope: "knowledge:read" };

export const PageTold = Type.Object({
  id: Id,
  title: Type.String(),
  address: Type.String(),
  language: Type.String(),
  media: Type.String(),
  content: Type.String({ description: "Markdown; of a file of code or plain text, the file." }),
  changedAt: Time,
  source: Type.Object({ id: Id, name: Type.String(), kind: Type.String() }),
});

export const PageListed = Type.Object({
  id: Id,
  title: Type.String(),
  address: Type.String(),
  chunks: Type.Integer(),
  changedAt: Time,
});

/** Searches, and reads of whole pages. */
export function searchRoutes(knowledge: Knowledge): void {
  const { app, database } = knowledge;

  app.get(
    "/api/knowledge/search",
    {
      auth: read,
      schema: { tags, summary: "Search by words and meaning", querystring: SearchAsked, response: { 200: SearchTold } },
    },
    ({ identity, query }, reply) => search(knowledge, identity, query, abandoned(reply)),
  );

  app.get(
    "/api/knowledge/pages/:id",
    { auth: read, schema: { tags, summary: "A whole page", params: ById, response: { 200: PageTold } } },
    ({ identity, params }) => readPage(database, identity, params.id),
  );

  app.get(
    "/api/knowledge/sources/:id/pages",
    {
      auth: read,
      schema: {
        tags,
        summary: "Pages of a source, in the order of their addresses",
        params: ById,
        querystring: Type.Object({
          after: Type.Optional(
            Type.String({ maxLength: 4000, description: "The last address of what was read so far." }),
          ),
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
        }),
        response: { 200: Type.Array(PageListed) },
      },
    },
    async ({ identity, params, query }) => {
      const { rows } = await database.query<{
        id: string;
        title: string;
        address: string;
        chunks: number;
        changedAt: Date;
      }>(identity, {
        name: "knowledge.pages",
        text: `select p.id, p.title, p.address, (select count(*)::int from chunk c where c.page_id = p.id) as chunks,
              p.changed_at as "changedAt"
            from page p where p.source_id = $1 and ($2::text is null or p.address > $2) order by p.address limit $3`,
        values: [params.id, query.after, query.limit ?? 200],
      });
      return rows.map((row) => ({ ...row, changedAt: row.changedAt.toISOString() }));
    },
  );
}
