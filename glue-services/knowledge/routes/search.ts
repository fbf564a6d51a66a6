import { Type } from "typebox";
import { ApiError } from "../../kit/index.ts";
import type { Knowledge } from "../knowledge.ts";
import { ById, Id, SearchAsked, SearchTold, Time } from "../schemas.ts";
import { search } from "../search/search.ts";

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
    ({ identity, query, signal }) => search(knowledge, identity, query, signal),
  );

  app.get(
    "/api/knowledge/pages/:id",
    { auth: read, schema: { tags, summary: "A whole page", params: ById, response: { 200: PageTold } } },
    async ({ identity, params }) => {
      const { rows } = await database.query<{ changedAt: Date; id: string }>(identity, {
        name: "knowledge.page",
        text: `select p.id, p.title, p.address, p.language, p.media, p.content, p.changed_at as "changedAt",
            jsonb_build_object('id', s.id, 'name', s.name, 'kind', s.kind) as source
          from page p join source s on s.id = p.source_id where p.id = $1`,
        values: [params.id],
      });
      const [row] = rows;
      if (!row) throw new ApiError("NOT_FOUND", "There is no such page.");
      return { ...(row as never as PageRow), changedAt: row.changedAt.toISOString() };
    },
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

interface PageRow {
  id: string;
  title: string;
  address: string;
  language: string;
  media: string;
  content: string;
  source: { id: string; name: string; kind: string };
}
