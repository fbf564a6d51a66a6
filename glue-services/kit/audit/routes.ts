import type { FastifyRequest } from "fastify";
import type { Pool } from "pg";
import { type Static, Type } from "typebox";
import type { App } from "../app.ts";
import { withoutTenant, withTenant } from "../database/transaction.ts";
import { type AuditEntry, audit, feedTopic } from "./audit.ts";
import { AuditChoices, AuditQuery, AuditShown, auditChoices, readAudit } from "./read.ts";

export const auditPath = "/api/platform/audit";

/** The audit log of the whole platform, for those who may see it in their organisation. */
export function serveAudit(app: App, owner: Pool): void {
  const auth = { scope: "audit:view" };
  const tags = ["audit"];
  app.live.topic(feedTopic);

  app.get<{ Querystring: Static<typeof AuditQuery> }>(
    auditPath,
    {
      auth,
      schema: {
        tags,
        summary: "Who changed what in the organisation, the newest first",
        querystring: AuditQuery,
        response: { 200: Type.Array(AuditShown) },
      },
    },
    ({ identity: { organisation, roles }, query }) =>
      readAudit(owner, { organisation, platform: roles.includes("platform-administrator") }, query),
  );
  app.get(
    `${auditPath}/choices`,
    { auth, schema: { tags, summary: "What occurs in the audit log", response: { 200: AuditChoices } } },
    ({ identity }) => auditChoices(owner, identity),
  );

  app.audited = async (request, entry) => {
    const { knownIdentity: who } = request;
    const work = (tx: Parameters<typeof audit>[0]) => audit(tx, entry, request);
    await (who ? withTenant(owner, who, work) : withoutTenant(owner, work));
  };
}

declare module "fastify" {
  interface FastifyInstance {
    /**
     * Adds an entry for what is not in the database, such as a restart, and for services that have none; write it before
     * the deed. Does nothing on a host without a database.
     */
    audited(request: FastifyRequest, entry: AuditEntry): Promise<void>;
  }
}
