import { type Static, Type } from "typebox";
import type { App } from "../../kit/index.ts";
import { CallTold } from "../schemas.ts";

const Query = Type.Object({
  before: Type.Optional(Type.String({ format: "date-time" })),
  server: Type.Optional(Type.String({ maxLength: 64 })),
  outcome: Type.Optional(Type.String({ maxLength: 32 })),
});
type Row = Omit<Static<typeof CallTold>, "at"> & { at: Date };

/** What agents did. */
export function callRoutes(app: App): void {
  app.get(
    "/api/mcp/calls",
    {
      auth: { scope: "mcp:read" },
      schema: {
        tags: ["mcp"],
        summary: "Calls, the latest first",
        querystring: Query,
        response: { 200: Type.Array(CallTold) },
      },
    },
    async ({ identity, query }) => {
      const { rows } = await app.database.query<Row>(identity, {
        name: "mcp.calls",
        text: `select at, caller, person_id as person, server, method, target, outcome, ms from call
          where ($1::timestamptz is null or at < $1) and ($2::text is null or server = $2)
            and ($3::text is null or outcome = $3) order by at desc limit 500`,
        values: [query.before, query.server, query.outcome],
      });
      return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
    },
  );
}
