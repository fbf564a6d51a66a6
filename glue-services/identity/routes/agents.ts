import { Type } from "typebox";
import { ApiError, type App } from "../../kit/index.ts";
import { record } from "../audit.ts";
import { Agent, ById } from "../schemas.ts";

const tags = ["me"];

/** Programs that a person let act for them, in any of their organisations. */
export function agentRoutes(app: App): void {
  const { pool } = app.database;

  app.get(
    "/api/identity/me/agents",
    { auth: {}, schema: { tags, summary: "Programs that act for you", response: { 200: Type.Array(Agent) } } },
    async ({ identity }) => {
      const { rows } = await pool.query<Row>(
        `select c.id, a.name, case when a."clientDiscoveryId" is not null then a."clientId" end as described,
           o.name as organisation, c.scopes, coalesce(c.resources, '[]') as resources, c."createdAt" as since,
           c."usedAt" as used
         from "oauthConsent" c join "oauthClient" a on a."clientId" = c."clientId"
         join organization o on o.id::text = c."referenceId"
         where c."userId" = $1 order by c."createdAt" desc`,
        [identity.person],
      );
      return rows.map(({ name, described, since, used, ...row }) => ({
        ...row,
        name: name ?? "A program without a name",
        site: described && new URL(described).host,
        since: since.toISOString(),
        usedAt: used?.toISOString() ?? null,
      }));
    },
  );

  app.delete(
    "/api/identity/me/agents/:id",
    { auth: {}, schema: { tags, summary: "Disconnect one", params: ById, response: { 204: Type.Null() } } },
    async (request, reply) => {
      await app.database.withTenant(request.identity, async (tx) => {
        const { rows } = await tx.query<{ client: string; reference: string }>(
          `delete from "oauthConsent" where id = $1 and "userId" = $2
           returning "clientId" as client, "referenceId" as reference`,
          [request.params.id, request.identity.person],
        );
        const [gone] = rows;
        if (!gone) throw new ApiError("NOT_FOUND", "You let no such program act for you.");
        await tx.query(
          `delete from "oauthRefreshToken"
           where "clientId" = $1 and "userId" = $2 and "referenceId" is not distinct from $3`,
          [gone.client, request.identity.person, gone.reference],
        );
        await record(tx, request, { action: "agent.disconnected", target: gone.client });
      });
      return reply.code(204).send(null);
    },
  );
}

interface Row {
  id: string;
  name: string | null;
  described: string | null;
  organisation: string;
  scopes: string[];
  resources: string[];
  since: Date;
  used: Date | null;
}
