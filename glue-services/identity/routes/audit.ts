import { type Static, Type } from "typebox";
import type { App } from "../../kit/index.ts";
import { AuditEntry } from "../schemas.ts";

const Query = Type.Object({
  before: Type.Optional(Type.String({ pattern: "^\\d{1,18}$", description: "Id of the last entry already seen." })),
  action: Type.Optional(Type.String({ maxLength: 60 })),
});

/** Who did what in the organisation, newest first, a hundred at a time. */
export function auditRoutes(app: App): void {
  app.get(
    "/api/identity/audit",
    {
      auth: { scope: "audit:view" },
      schema: { tags: ["audit"], querystring: Query, response: { 200: Type.Array(AuditEntry) } },
    },
    ({ identity, query }) =>
      app.database.readTenant(identity, async (tx) => {
        const { rows } = await tx.query<Omit<Static<typeof AuditEntry>, "at"> & { at: Date }>(
          `select id, at, actor, credential, action, target, ip, request, details from audit
           where organisation_id = devflow.organisation() and ($1::bigint is null or id < $1)
             and ($2::text is null or action = $2)
           order by id desc limit 100`,
          [query.before, query.action],
        );
        return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
      }),
  );
}
