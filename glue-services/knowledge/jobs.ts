import { Type } from "typebox";
import { addJob, type Job, job } from "../kit/index.ts";
import { termsVersion } from "./chunk/identifiers.ts";
import type { Knowledge } from "./knowledge.ts";
import { beginRun } from "./runs/run.ts";

/** Reads again what is due, and goes on with what was given up while a model or a site was away. */
export function refreshJob(knowledge: () => Knowledge): Job {
  return job({
    name: "knowledge.refresh",
    payload: Type.Object({}),
    cron: "*/15 * * * *",
    async run(_payload, { database, log }) {
      const { jobs, index } = knowledge();
      if (!index.status) await database.pool.query("select knowledge.forget_mirrors()");
      const due = await database.pool.query<{ organisation: string; source: string }>(
        "select organisation_id as organisation, source_id as source from knowledge.due_sources()",
      );
      for (const { organisation, source } of due.rows) {
        await database
          .withTenant({ organisation }, (tx) => beginRun(tx, jobs, source))
          .catch((error) => log.warn({ err: error, source }, "a source that is due was not begun"));
      }
      const outdated = await database.pool.query<{ organisation: string }>(
        "select organisation_id as organisation from knowledge.outdated_terms($1)",
        [termsVersion],
      );
      for (const { organisation } of outdated.rows) {
        await database.withTenant({ organisation }, (tx) => addJob(tx, jobs.terms, {}, { key: organisation }));
      }
      const left = await database.pool.query<{ organisation: string; run: string | null }>(
        "select organisation_id as organisation, run_id as run from knowledge.left_over()",
      );
      for (const { organisation, run } of left.rows) {
        await database.withTenant({ organisation }, (tx) =>
          run ? addJob(tx, jobs.read, { run }, { key: run }) : addJob(tx, jobs.embed, {}, { key: organisation }),
        );
      }
    },
  });
}
