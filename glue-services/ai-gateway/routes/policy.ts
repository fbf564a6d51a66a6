import { Type } from "typebox";
import { ApiError, type App } from "../../kit/index.ts";
import { record } from "../audit.ts";
import type { Gateway } from "../call/context.ts";
import { guards } from "../guard/guard.ts";
import { formGuard, guardNames } from "../guard/guarding.ts";
import { PolicySettings } from "../schemas.ts";

const tags = ["ai"];

const GuardShown = Type.Object({
  name: Type.String(),
  title: Type.String(),
  description: Type.String(),
  sides: Type.Array(Type.String()),
});
const Recorded = Type.Object({
  id: Type.String(),
  at: Type.String(),
  key: Type.Union([Type.String(), Type.Null()]),
  person: Type.Union([Type.String(), Type.Null()]),
  service: Type.Union([Type.String(), Type.Null()]),
  surface: Type.String(),
  asked: Type.String(),
  provider: Type.String(),
  model: Type.String(),
  status: Type.String(),
  question: Type.String({ description: "As JSON; what was secret or personal is cut out." }),
  answer: Type.String(),
});
const RecordedQuery = Type.Object({
  before: Type.Optional(Type.String({ format: "uuid", description: "Id of the last one that was shown." })),
  limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }),
  status: Type.Optional(Type.String({ maxLength: 20, description: "ok, cached, cut, failed, cancelled, …" })),
  model: Type.Optional(Type.String({ maxLength: 200, description: "Asked for, or that answered." })),
  key: Type.Optional(Type.String({ format: "uuid" })),
  text: Type.Optional(Type.String({ maxLength: 200, description: "Part of the question or the answer." })),
});

/** Guardrails, the cache and what is written down of calls. */
export function policyRoutes(app: App, gateway: Gateway): void {
  const read = { scope: "ai:read" } as const;

  app.get(
    "/api/ai/guards",
    { auth: read, schema: { tags, summary: "Guardrails there are", response: { 200: Type.Array(GuardShown) } } },
    async () => [
      ...guards.map(({ name, title, description, sides }) => ({ name, title, description, sides: [...sides] })),
      { ...formGuard, sides: ["answer"] },
    ],
  );

  app.get(
    "/api/ai/policy",
    { auth: read, schema: { tags, summary: "Guardrails and cache", response: { 200: PolicySettings } } },
    async ({ identity }) => {
      const settings = await gateway.callers.settings.get(identity.organisation);
      return settings?.policy ?? {};
    },
  );

  app.put(
    "/api/ai/policy",
    {
      auth: { scope: "ai:manage" },
      schema: { tags, summary: "Set guardrails and cache", body: PolicySettings, response: { 204: Type.Null() } },
    },
    async ({ identity, body }, reply) => {
      const unknown = Object.keys(body.guards ?? {}).find((name) => !guardNames.includes(name));
      if (unknown !== undefined) {
        throw new ApiError("INVALID", `There is no guardrail ${unknown}.`, {
          hint: `There are ${guardNames.join(", ")}.`,
          docs: "ai-gateway",
        });
      }
      await app.database.withTenant(identity, async (tx) => {
        await tx.query(
          `insert into policy (settings) values ($1) on conflict (organisation_id) do update
           set settings = excluded.settings, changed_at = now(), changed_by = devflow.person()`,
          [JSON.stringify(body)],
        );
        // What was kept under another policy is never found again.
        await tx.query("delete from cached_answer");
        await record(tx, identity, { action: "policy.set", details: body });
      });
      return reply.code(204).send(null);
    },
  );

  app.delete(
    "/api/ai/cache",
    {
      auth: { scope: "ai:manage" },
      schema: { tags, summary: "Forget all kept answers", response: { 204: Type.Null() } },
    },
    async ({ identity }, reply) => {
      await app.database.withTenant(identity, async (tx) => {
        const { rowCount } = await tx.query("delete from cached_answer");
        await record(tx, identity, { action: "cache.emptied", details: { answers: rowCount } });
      });
      return reply.code(204).send(null);
    },
  );

  app.get(
    "/api/ai/recorded",
    {
      // What people asked is for those who may look into others' affairs, not for whoever may read.
      auth: { scope: "audit:view" },
      schema: {
        tags,
        summary: "Recorded questions and answers, the latest first",
        querystring: RecordedQuery,
        response: { 200: Type.Array(Recorded) },
      },
    },
    async ({ identity, query: { before, limit, status, model, key, text } }) => {
      const { rows } = await app.database.query<{ at: Date }>(identity, {
        name: "ai.recorded",
        text: `select id, at, key_id as key, person, service, surface, asked, provider, model, status, question, answer
          from recorded_call where ($1::uuid is null or id < $1) and ($3::text is null or status = $3)
            and ($4::text is null or $4 in (asked, model, provider || '/' || model))
            and ($5::uuid is null or key_id = $5)
            and ($6::text is null or position(lower($6) in lower(question)) > 0 or position(lower($6) in lower(answer)) > 0)
          order by id desc limit $2`,
        values: [before, limit, status, model, key, text],
      });
      return rows.map((row) => ({ ...row, at: row.at.toISOString() }) as never);
    },
  );
}
