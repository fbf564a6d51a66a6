import { Type } from "typebox";
import { addJob, type Job, job, type Tenant } from "../../kit/index.ts";
import { searchTermsOf, termsVersion } from "../chunk/identifiers.ts";
import type { Knowledge } from "../knowledge.ts";
import { liveGenerations } from "./generation.ts";

/** Chunks of one transaction, and milliseconds after which the job makes room for others. */
const batch = 200;
const slice = 20_000;

/** Works over the chunks whose search terms an older version made. They are found as before until it has come to them. */
export function termsJob(knowledge: () => Knowledge): Job {
  const terms: Job = job({
    name: "knowledge.terms",
    payload: Type.Object({}),
    async run(_payload, { tenant, database, signal }) {
      if (!tenant) return;
      const until = performance.now() + slice;
      while (await renewSome(knowledge(), tenant)) {
        if (!signal.aborted && performance.now() < until) continue;
        await database.withTenant(tenant, (tx) => addJob(tx, terms, {}, { key: tenant.organisation }));
        return;
      }
    },
  });
  return terms;
}

interface Outdated {
  id: string;
  heading: string;
  content: string;
  language: string;
}

/** False: there is none left. */
async function renewSome({ database, index }: Knowledge, tenant: Tenant): Promise<boolean> {
  return database.withTenant(tenant, async (tx) => {
    const { rows } = await tx.query<Outdated>({
      name: "knowledge.outdated-chunks",
      text: `select id, heading, content, language::text as language from chunk
        where organisation_id = devflow.organisation() and terms_version < $1 limit ${batch} for update skip locked`,
      values: [termsVersion],
    });
    if (rows.length === 0) return false;
    const ids = rows.map(({ id }) => id);
    await tx.query({
      name: "knowledge.renew-terms",
      text: `update chunk c set identifiers = n.terms, terms_version = $3
        from unnest($1::uuid[], $2::text[]) n(id, terms) where c.id = n.id`,
      values: [
        ids,
        rows.map(({ heading, content, language }) => searchTermsOf(`${heading}\n${content}`, language)),
        termsVersion,
      ],
    });
    for (const { id } of await liveGenerations(tx)) await index.touched?.(tx, id, ids);
    return true;
  });
}
