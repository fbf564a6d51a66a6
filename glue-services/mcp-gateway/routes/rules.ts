import { type Static, Type } from "typebox";
import { ApiError, type App } from "../../kit/index.ts";
import { record } from "../audit.ts";
import type { Gateway } from "../gateway.ts";
import { RuleGiven, RuleTold } from "../schemas.ts";

const tags = ["mcp"];
const ById = Type.Object({ id: Type.String({ format: "uuid" }) });
const columns = `id, server, tool, role, person_id as person, agent, agent_name as "agentName", effect`;
type Row = Static<typeof RuleTold>;

/** Who may call which tools. */
export function ruleRoutes(app: App, { registry }: Pick<Gateway, "registry">): void {
  app.get(
    "/api/mcp/rules",
    { auth: { scope: "mcp:read" }, schema: { tags, summary: "Rules", response: { 200: Type.Array(RuleTold) } } },
    async ({ identity }) => {
      const text = `select ${columns} from rule order by server nulls first, tool`;
      return (await app.database.query<Row>(identity, { name: "mcp.rules", text })).rows;
    },
  );

  app.put(
    "/api/mcp/rules",
    {
      auth: { scope: "mcp:manage" },
      schema: { tags, summary: "Set a rule", body: RuleGiven, response: { 200: RuleTold } },
    },
    async ({ identity, body }) => {
      const { server, tool, role, person, effect } = body;
      if (role && person) throw new ApiError("INVALID", "A rule is for a role or for a person, not for both.");
      const row = await app.database.withTenant(identity, async (tx) => {
        const { rows } = await tx.query<Row>(
          `insert into rule (server, tool, role, person_id, effect) values ($1, $2, $3, $4, $5)
           on conflict (organisation_id, server, tool, role, person_id, agent) do update set effect = excluded.effect
           returning ${columns}`,
          [server, tool, role, person, effect],
        );
        await record(tx, identity, { action: "rule.set", target: `${server ?? "*"} ${tool}`, details: body });
        return rows[0] as Row;
      });
      registry.doubt();
      return row;
    },
  );

  app.put(
    "/api/mcp/rules/:id",
    {
      auth: { scope: "mcp:manage" },
      schema: { tags, summary: "Change a rule", params: ById, body: RuleGiven, response: { 200: RuleTold } },
    },
    async ({ identity, params, body }) => {
      const { server, tool, role, person, effect } = body;
      if (role && person) throw new ApiError("INVALID", "A rule is for a role or for a person, not for both.");
      const row = await app.database.withTenant(identity, async (tx) => {
        const twin = await tx.query(
          `select from rule where id <> $1 and tool = $3 and server is not distinct from $2
           and role is not distinct from $4 and person_id is not distinct from $5::uuid and agent is null`,
          [params.id, server, tool, role, person],
        );
        if (twin.rowCount) throw new ApiError("CONFLICT", "There is a rule for this already.", { docs: "mcp" });
        const { rows } = await tx.query<Row>(
          `update rule set server = $2, tool = $3, role = $4, person_id = $5, effect = $6, agent = null, agent_name = null
           where id = $1
           returning ${columns}`,
          [params.id, server, tool, role, person, effect],
        );
        if (!rows[0]) throw new ApiError("NOT_FOUND", "There is no such rule.");
        await record(tx, identity, { action: "rule.set", target: `${server ?? "*"} ${tool}`, details: body });
        return rows[0];
      });
      registry.doubt();
      return row;
    },
  );

  app.delete(
    "/api/mcp/rules/:id",
    {
      auth: { scope: "mcp:manage" },
      schema: { tags, summary: "Remove a rule", params: ById, response: { 204: Type.Null() } },
    },
    async ({ identity, params }, reply) => {
      await app.database.withTenant(identity, async (tx) => {
        const text = "delete from rule where id = $1 returning server, tool";
        const { rows } = await tx.query<{ server: string | null; tool: string }>(text, [params.id]);
        if (!rows[0]) throw new ApiError("NOT_FOUND", "There is no such rule.");
        await record(tx, identity, { action: "rule.removed", target: `${rows[0].server ?? "*"} ${rows[0].tool}` });
      });
      registry.doubt();
      return reply.code(204).send(null);
    },
  );
}
