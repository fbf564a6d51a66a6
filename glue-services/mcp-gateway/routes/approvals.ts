import { type Static, Type } from "typebox";
import { ApiError, type App } from "../../kit/index.ts";
import { record } from "../audit.ts";
import { Approval } from "../schemas.ts";

const tags = ["mcp"];
const ById = Type.Object({ id: Type.String({ format: "uuid" }) });
const Decision = Type.Object({ approve: Type.Boolean() }, { additionalProperties: false });
const columns = `id, server, tool, arguments, asked_by as "askedBy", asked_at as "askedAt", state, decided_by as "decidedBy"`;
type Row = Omit<Static<typeof Approval>, "askedAt"> & { askedAt: Date };

/** Calls that wait for somebody's word. */
export function approvalRoutes(app: App): void {
  app.get(
    "/api/mcp/approvals",
    {
      auth: { scope: "mcp:approve" },
      schema: { tags, summary: "Calls that wait, and those decided lately", response: { 200: Type.Array(Approval) } },
    },
    async ({ identity }) => {
      const text = `select ${columns} from approval order by (state = 'pending') desc, asked_at desc limit 200`;
      const { rows } = await app.database.query<Row>(identity, { name: "mcp.approvals", text });
      return rows.map((row) => ({ ...row, askedAt: row.askedAt.toISOString() }));
    },
  );

  app.post(
    "/api/mcp/approvals/:id",
    {
      auth: { scope: "mcp:approve" },
      schema: {
        tags,
        summary: "Approve a call, or deny it",
        params: ById,
        body: Decision,
        response: { 200: Approval },
      },
    },
    async ({ identity, params, body }) => {
      // An agent must not approve what it asked for.
      if (!identity.person) throw new ApiError("FORBIDDEN", "Only a person decides about a call.");
      const row = await app.database.withTenant(identity, async (tx) => {
        const { rows } = await tx.query<Row>(
          `update approval set state = $2, decided_by = $3, decided_at = now(),
             arguments = case when $2 = 'denied' then null else arguments end
           where id = $1 and state = 'pending' returning ${columns}`,
          [params.id, body.approve ? "approved" : "denied", identity.person],
        );
        const decided = rows[0];
        if (!decided) throw new ApiError("CONFLICT", "This call was decided about already, or there is none.");
        const action = body.approve ? "call.approved" : "call.denied";
        await record(tx, identity, { action, target: `${decided.server} ${decided.tool}` });
        return decided;
      });
      app.live.publish("mcp", { approval: row.tool }, identity);
      return { ...row, askedAt: row.askedAt.toISOString() };
    },
  );
}
