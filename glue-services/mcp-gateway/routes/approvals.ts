import { type Static, Type } from "typebox";
import { ApiError, type App, holds, type Identity, type Transaction } from "../../kit/index.ts";
import { record } from "../audit.ts";
import type { Gateway } from "../gateway.ts";
import { Approval } from "../schemas.ts";

const tags = ["mcp"];
const ById = Type.Object({ id: Type.String({ format: "uuid" }) });
const Decision = Type.Object(
  {
    approve: Type.Boolean(),
    always: Type.Optional(
      Type.Boolean({ description: "With `approve`: a rule that allows the tool to this agent; needs mcp:manage." }),
    ),
  },
  { additionalProperties: false },
);
const columns = `id, server, tool, arguments, asked_by as "askedBy", asker, client, rule, asked_at as "askedAt", decided_by as "decidedBy",
  case when state = 'approved' and decided_at < now() - interval '24 hours' then 'expired'
    when state = 'pending' and asked_at < now() - interval '7 days' then 'expired' else state end as state,
  case state when 'approved' then decided_at + interval '24 hours' when 'pending' then asked_at + interval '7 days' end as "expiresAt"`;
type Row = Omit<Static<typeof Approval>, "askedAt" | "expiresAt"> & { askedAt: Date; expiresAt: Date | null };

/** Calls that wait for somebody's word. */
export function approvalRoutes(app: App, { registry }: Pick<Gateway, "registry">): void {
  app.get(
    "/api/mcp/approvals",
    {
      auth: { scope: "mcp:approve" },
      schema: { tags, summary: "Calls that wait, and those decided lately", response: { 200: Type.Array(Approval) } },
    },
    async ({ identity }) => {
      const text = `select ${columns} from approval order by (state = 'pending') desc, asked_at desc limit 200`;
      const { rows } = await app.database.query<Row>(identity, { name: "mcp.approvals", text });
      return rows.map(told);
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
      const { approve, always = false } = body;
      if (always && !approve) throw new ApiError("INVALID", "Only an approval can hold always.");
      if (always && !holds(identity, "mcp:manage"))
        throw new ApiError("FORBIDDEN", "A rule needs the scope mcp:manage: approve this call alone.");
      const row = await app.database.withTenant(identity, async (tx) => {
        const { rows } = await tx.query<Row>(
          `update approval set state = $2, decided_by = $3, decided_at = now(),
             arguments = case when $2 = 'denied' then null else arguments end
           where id = $1 and state = 'pending' and asked_at > now() - interval '7 days' returning ${columns}`,
          [params.id, approve ? "approved" : "denied", identity.person],
        );
        const decided = rows[0];
        if (!decided) throw new ApiError("CONFLICT", "This call was decided about already, or there is none.");
        const action = approve ? "call.approved" : "call.denied";
        await record(tx, identity, { action, target: `${decided.server} ${decided.tool}` });
        if (always) await allow(tx, identity, decided);
        return decided;
      });
      if (always) registry.doubt();
      app.live.publish("mcp", { approval: row.tool }, identity);
      return told(row);
    },
  );

  /** What was approved is from now on allowed to the same caller, with any arguments. */
  async function allow(tx: Transaction, by: Identity, { server, tool, askedBy, asker, client }: Row): Promise<void> {
    const name = client ? `${client} for ${asker ?? "a person"}` : asker;
    await tx.query(
      `insert into rule (server, tool, agent, agent_name, effect) values ($1, $2, $3, $4, 'allow')
       on conflict (organisation_id, server, tool, role, person_id, agent) do update set effect = 'allow'`,
      [server, tool, askedBy, name],
    );
    const details = { server, tool, agent: name, effect: "allow" };
    await record(tx, by, { action: "rule.set", target: `${server} ${tool}`, details });
  }
}

function told({ askedAt, expiresAt, ...row }: Row): Static<typeof Approval> {
  return { ...row, askedAt: askedAt.toISOString(), expiresAt: expiresAt?.toISOString() ?? null };
}
