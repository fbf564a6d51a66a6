import { addJob, type Database, type Job, type Tenant } from "../../../kit/index.ts";
import { lockGenerations } from "../../embed/generation.ts";
import { codeOf } from "../../read/language.ts";
import { fuse } from "../fuse.ts";
import type { Found, Index, IndexQuery } from "../index.ts";
import { byParts } from "../nearest.ts";
import { postgresIndex, putVectors } from "../postgres.ts";
import type { VespaClient } from "./client.ts";
import { dimensions } from "./document.ts";
import { enqueue } from "./mirror.ts";
import { asksNothing, listsOf, queryOf } from "./query.ts";

/** Seconds that Vespa may be behind PostgreSQL and still answer. */
const lag = 60;
/** Milliseconds for which it is not asked after it did not answer, so that not every search waits for it. */
const rest = 5000;

/**
 * Vespa answers the searches; PostgreSQL has everything too, and answers in its place while Vespa is filled, behind or
 * away. @param feed the job that makes Vespa have what PostgreSQL has
 */
export function vespaIndex(database: Database, client: VespaClient, feed: () => Job): Index {
  const postgres = postgresIndex(database);
  let restsUntil = 0;

  return {
    async put(tenant, generation, entries) {
      await database.withTenant(tenant, async (tx) => {
        // Not while a mirror begins: it would neither be told of these vectors nor see them.
        await lockGenerations(tx, tenant, "shared");
        await putVectors(tx, generation, entries);
        const chunks = entries.map(({ chunk }) => chunk);
        if (await enqueue(tx, generation.id, chunks)) await addJob(tx, feed(), {}, { key: tenant.organisation });
      });
    },
    async search(tenant, query) {
      if (asksNothing(query)) return { scored: [] };
      const [serving] = await servingOf(tenant);
      if (!serving?.filled || (query.vector && query.vector.generation.id !== serving.id))
        return postgres.search(tenant, query);
      if (serving.behind > lag) return instead(tenant, query, "Vespa is being brought up to date");
      if (performance.now() < restsUntil) return instead(tenant, query, "Vespa does not answer");
      const languages = [...new Set(serving.languages.flatMap((language) => codeOf(language) ?? []))];
      const question = { ...query, generation: serving, languages };
      try {
        const lists = listsOf(tenant, question, await client.query(queryOf(tenant, question)));
        const { vector } = query;
        const near = vector && (await database.readTenant(tenant, (tx) => byParts(tx, vector, lists.vector)));
        return { scored: fuse({ ...lists, ...(near && { vector: near }) }, query.limit) };
      } catch (error) {
        restsUntil = performance.now() + rest;
        return instead(tenant, query, (error as Error).message.replace(/\.$/, ""));
      }
    },
    async touched(tx, generation, chunks) {
      if (tx.tenant && (await enqueue(tx, generation, chunks)))
        await addJob(tx, feed(), {}, { key: tx.tenant.organisation });
    },
    async changed(tx) {
      if (tx.tenant) await addJob(tx, feed(), {}, { key: tx.tenant.organisation });
    },
    async status(tenant) {
      const [serving] = await servingOf(tenant);
      if (!serving) return { serves: false, waiting: 0 };
      const { filled, behind, waiting, dimension } = serving;
      const note = dimensions.includes(dimension)
        ? serving.note
        : `Vespa has no schema of ${dimension} dimensions, so PostgreSQL searches.`;
      return { serves: filled && behind <= lag, waiting, ...(note && { note }) };
    },
    close: () => client.close(),
  };

  async function instead(tenant: Tenant, query: IndexQuery, why: string): Promise<Found> {
    const { scored } = await postgres.search(tenant, query);
    return { scored, note: `${why}; found with PostgreSQL instead.` };
  }

  async function servingOf(tenant: Tenant): Promise<Serving[]> {
    const { rows } = await database.query<Serving>(tenant, {
      name: "knowledge.mirror-serving",
      text: `select g.id, g.dimension, m.filled_at is not null as filled, m.note,
          coalesce((select extract(epoch from now() - min(u.since)) from unfed u where u.generation_id = g.id), 0)::float
            as behind,
          (select count(*) from unfed u where u.generation_id = g.id)::int as waiting,
          array(select l::text from knowledge.languages_of(g.organisation_id) l) as languages
        from generation g left join mirror m on m.generation_id = g.id where g.state = 'serving'`,
    });
    return rows;
  }
}

interface Serving {
  id: string;
  dimension: number;
  filled: boolean;
  note: string | null;
  /** Seconds since the oldest change that Vespa does not have. */
  behind: number;
  waiting: number;
  languages: string[];
}
