import type { Static } from "typebox";
import { ApiError, addJob, audit, type Tenant } from "../../kit/index.ts";
import { Refused } from "../embed/embeddings.ts";
import { adoptModel } from "../embed/generation.ts";
import type { Knowledge } from "../knowledge.ts";
import { SettingsGiven, SettingsTold } from "../schemas.ts";

const tags = ["knowledge"];

/** Which models an organisation's knowledge is embedded, answered and ordered with. */
export function settingRoutes(knowledge: Knowledge): void {
  const { app, database, embeddings, jobs } = knowledge;

  app.get(
    "/api/knowledge/settings",
    { auth: { scope: "knowledge:read" }, schema: { tags, summary: "Models in use", response: { 200: SettingsTold } } },
    ({ identity }) => read(knowledge, identity),
  );

  app.put(
    "/api/knowledge/settings",
    {
      auth: { scope: "knowledge:manage" },
      schema: {
        tags,
        summary: "Choose models; a new one for embeddings is built beside the old one, which serves until then",
        body: SettingsGiven,
        response: { 200: SettingsTold },
      },
    },
    async ({ identity, body }) => {
      if (body.embeddingModel) {
        // Asked before it is kept: a model that does not answer would leave new pages without vectors.
        await embeddings
          .embed(identity.organisation, body.embeddingModel, ["A first text."])
          .catch((error: unknown) => {
            if (!(error instanceof Refused)) throw error;
            throw new ApiError("INVALID", `${body.embeddingModel} does not embed: ${error.message}`);
          });
      }
      await database.withTenant(identity, async (tx) => {
        await tx.query(
          `insert into setting (embedding_model, answer_model, rerank_model)
           values (coalesce($1, 'embed'), coalesce($2, 'smart'), $3)
           on conflict (organisation_id) do update set embedding_model = coalesce($1, setting.embedding_model),
             answer_model = coalesce($2, setting.answer_model),
             rerank_model = case when $4 then $3 else setting.rerank_model end`,
          [body.embeddingModel, body.answerModel, body.rerankModel, body.rerankModel !== undefined],
        );
        await audit(tx, { action: "settings.set", target: "models of knowledge", details: body });
        await addJob(tx, jobs.embed, {}, { key: identity.organisation });
      });
      if (body.embeddingModel) await adoptModel(database, identity, embeddings);
      knowledge.tell(identity, { settings: true });
      return read(knowledge, identity);
    },
  );
}

async function read({ database, index }: Knowledge, tenant: Tenant): Promise<Static<typeof SettingsTold>> {
  const { rows } = await database.query<Static<typeof SettingsTold>>(tenant, {
    name: "knowledge.settings",
    text: `select coalesce(s.embedding_model, 'embed') as "embeddingModel", coalesce(s.answer_model, 'smart') as "answerModel",
        s.rerank_model as "rerankModel", live.serving, live.building
      from (select 1) one left join setting s on true cross join lateral (
        select (array_agg(told) filter (where state = 'serving'))[1] as serving,
          (array_agg(told) filter (where state = 'building'))[1] as building
        from (select g.state, jsonb_build_object('model', g.model, 'dimension', g.dimension, 'waiting',
          (select count(*) from pending p where p.generation_id = g.id)) as told from generation g) each
      ) live`,
  });
  return { ...(rows[0] as Static<typeof SettingsTold>), vespa: (await index.status?.(tenant)) ?? null };
}
