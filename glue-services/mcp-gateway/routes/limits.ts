import type { App } from "../../kit/index.ts";
import { record } from "../audit.ts";
import type { Gateway } from "../gateway.ts";
import type { Limits } from "../limits/meter.ts";
import { LimitsGiven } from "../schemas.ts";

const tags = ["mcp"];
/** How much may be asked in a minute. */
export function limitRoutes(app: App, { registry }: Pick<Gateway, "registry">, usual: Limits): void {
  app.get(
    "/api/mcp/limits",
    {
      auth: { scope: "mcp:read" },
      schema: { tags, summary: "Messages a minute for a person or key, and for all", response: { 200: LimitsGiven } },
    },
    async ({ identity }) => {
      const text = "select caller, organisation from rate_limit";
      const { rows } = await app.database.query<Limits>(identity, { name: "mcp.limits", text });
      return rows[0] ?? usual;
    },
  );

  app.put(
    "/api/mcp/limits",
    {
      auth: { scope: "mcp:manage" },
      schema: { tags, summary: "Set them", body: LimitsGiven, response: { 200: LimitsGiven } },
    },
    async ({ identity, body }) => {
      await app.database.withTenant(identity, async (tx) => {
        await tx.query(
          `insert into rate_limit (caller, organisation) values ($1, $2)
           on conflict (organisation_id) do update set caller = $1, organisation = $2, changed_at = now()`,
          [body.caller, body.organisation],
        );
        await record(tx, identity, { action: "limits.set", details: body });
      });
      registry.doubt();
      return body;
    },
  );
}
