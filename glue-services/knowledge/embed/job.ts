import { Type } from "typebox";
import { addJob, type Job, type JobContext, job, type Tenant } from "../../kit/index.ts";
import { inContext, type Piece } from "../chunk/chunk.ts";
import { partsOf } from "../chunk/parts.ts";
import type { Knowledge } from "../knowledge.ts";
import { Refused } from "./embeddings.ts";
import { activate, adoptModel, clearRetired, type Generation, liveGenerations } from "./generation.ts";
import { dropPending, dropTwins, saysSomething } from "./needless.ts";
import { measureUnrelated } from "./unrelated.ts";

/** Passages taken up at once, texts of one call, and milliseconds after which the job makes room for others and goes on later. */
const batch = 16;
const texts = 64;
const slice = 20_000;
/** Times a text is offered to a model that refuses it. It is found by its words even without a vector. */
const offers = 3;

interface Waiting {
  id: string;
  source: string;
  kind: Piece["kind"];
  heading: string;
  content: string;
}

/** Gives every chunk of an organisation the vectors it lacks, and lets a new model serve once it has all. */
export function embedJob(knowledge: () => Knowledge): Job {
  const busy = new Set<string>();
  const embed: Job = job({
    name: "knowledge.embed",
    payload: Type.Object({}),
    async run(_payload, context) {
      const { tenant, database } = context;
      if (!tenant) return;
      const later = (runAt?: Date) =>
        database.withTenant(tenant, (tx) =>
          addJob(tx, embed, {}, { key: tenant.organisation, ...(runAt && { runAt }) }),
        );
      // Two at once would embed the same texts twice.
      if (busy.has(tenant.organisation)) return later(new Date(Date.now() + 2000));
      busy.add(tenant.organisation);
      try {
        if (!(await work(context, tenant))) await later();
      } finally {
        busy.delete(tenant.organisation);
      }
    },
  });
  return embed;

  /** False: there is more to do. */
  async function work(context: JobContext, tenant: Tenant): Promise<boolean> {
    const { database } = context;
    const { embeddings, index } = knowledge();
    await adoptModel(database, tenant, embeddings);
    await database.withTenant(tenant, async (tx) => index.changed?.(tx));
    const until = performance.now() + slice;
    const generations = await database.readTenant(tenant, liveGenerations);
    for (const generation of generations) {
      try {
        if (!(await fill(knowledge(), tenant, generation, until, context))) return false;
        if (generation.unrelated === null) await measureUnrelated(database, tenant, embeddings, generation);
      } catch (error) {
        // A model that is gone for good must not keep the one that replaces it from being built.
        if (generation === generations.at(-1)) throw error;
        context.log.warn({ err: error, model: generation.model }, "the model that serves does not answer");
      }
      if (generation.state === "building" && (await activate(database, tenant, generation))) {
        context.log.info({ model: generation.model }, "a new model serves");
        knowledge().tell(tenant, { settings: true });
      }
    }
    await clearRetired(database, tenant, context.signal);
    await database.withTenant(tenant, async (tx) => index.changed?.(tx));
    return true;
  }
}

/** False: there is more to do. */
async function fill(
  knowledge: Knowledge,
  tenant: Tenant,
  generation: Generation,
  until: number,
  context: JobContext,
): Promise<boolean> {
  const { database, signal, log } = context;
  await dropTwins(database, tenant, generation);
  for (;;) {
    const { rows } = await database.query<Waiting>(tenant, {
      name: "knowledge.pending",
      text: `select c.id, c.source_id as source, c.kind, c.heading, c.content
        from pending p join chunk c on c.id = p.chunk_id
        where p.generation_id = $1 order by p.refused, p.chunk_id limit ${batch}`,
      values: [generation.id],
    });
    if (rows.length === 0) return true;
    if (signal.aborted || performance.now() > until) return false;
    const [worth, empty] = [rows.filter(worthIt), rows.filter((row) => !worthIt(row))];
    if (empty.length > 0) {
      await dropPending(
        database,
        tenant,
        generation,
        empty.map(({ id }) => id),
      );
    }
    try {
      if (worth.length > 0) await embedSome(knowledge, tenant, generation, worth, signal);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      // One of them is at fault: each by itself, so that it holds up no other.
      for (const row of worth) {
        await embedSome(knowledge, tenant, generation, [row], signal).catch((fault: unknown) => {
          if (!(fault instanceof Refused)) throw fault;
          log.warn({ chunk: row.id, model: generation.model, err: fault }, "the model takes no such text");
          return refuse(context, tenant, generation, row);
        });
      }
    }
    for (const source of new Set(rows.map((row) => row.source))) knowledge.tell(tenant, { source });
  }
}

function worthIt({ content }: Waiting): boolean {
  return saysSomething(content);
}

async function embedSome(
  { embeddings, index }: Knowledge,
  tenant: Tenant,
  generation: Generation,
  rows: readonly Waiting[],
  signal: AbortSignal,
): Promise<void> {
  const said = rows.map((row) => [row.content, ...partsOf(row)].map((content) => inContext({ ...row, content })));
  const all = said.flat();
  const vectors: number[][] = [];
  while (vectors.length < all.length) {
    const some = all.slice(vectors.length, vectors.length + texts);
    const embedded = await embeddings.embed(tenant.organisation, generation.model, some, { signal });
    if (embedded.model !== generation.model || embedded.vectors.some((one) => one.length !== generation.dimension)) {
      const [first] = embedded.vectors;
      throw new Error(`${generation.model} now answers as ${embedded.model} with ${first?.length} dimensions.`);
    }
    vectors.push(...embedded.vectors);
  }
  const entries = rows.map(({ id }, at) => {
    const [vector = [], ...parts] = vectors.splice(0, said[at]?.length);
    return { chunk: id, vector, parts };
  });
  await index.put(tenant, generation, entries);
}

function refuse({ database }: JobContext, tenant: Tenant, generation: Generation, { id }: Waiting): Promise<unknown> {
  return database.withTenant(tenant, async (tx) => {
    const values = [generation.id, id];
    await tx.query("update pending set refused = refused + 1 where generation_id = $1 and chunk_id = $2", values);
    await tx.query("delete from pending where generation_id = $1 and chunk_id = $2 and refused >= $3", [
      ...values,
      offers,
    ]);
  });
}
