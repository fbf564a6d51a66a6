import { type Feed, holds } from "../kit/index.ts";
import { inDashboard } from "./access/caller.ts";

/** Calls that wait for an approval; whether an editor or agent has used the server. */
export const feed: Feed = {
  async needs(app, identity) {
    if (!holds(identity, "mcp:manage")) return [];
    const { rows } = await app.database.query<{ id: string; server: string; tool: string; at: Date }>(identity, {
      text: `select id, server, tool, asked_at as at from approval where state = 'pending'
        and asked_at > now() - interval '7 days' order by asked_at limit 50`,
    });
    return rows.map(({ id, server, tool, at }) => ({
      ...{ id: `approval ${id}`, state: "waiting" as const, path: "/mcp-servers/approvals", action: "Approve or deny" },
      what: `A call of ${tool} on ${server} waits for your approval`,
      since: at.toISOString(),
    }));
  },
  async steps(app, identity) {
    if (!holds(identity, "mcp:read")) return {};
    const { rows } = await app.database.query<{ used: boolean }>(identity, {
      text: "select exists (select from call where not right(caller, length($1)) = $1) as used",
      values: [inDashboard],
    });
    return { editor: rows[0]?.used ?? false };
  },
};
