import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { saysSomething } from "../../../glue-services/knowledge/embed/needless.ts";
import { nearest } from "../../../glue-services/knowledge/index/nearest.ts";
import { seeded } from "../../seeded.ts";
import { provider } from "../ai-gateway/gateway.ts";
import { type Hub, startHub } from "./knowledge.ts";
import { startModels } from "./models.ts";

const dimension = 64;
/** Passages: one letter over and over, lines of a log, rows of a table, and what people wrote. */
const shape = { equal: 700, log: 1000, table: 800, written: 100 };

/** A table of vectors as an organisation has them that uploads logs, and the questions that its written passages answer. */
async function fill(hub: Hub): Promise<{ generation: string; questions: { id: string; vector: number[] }[] }> {
  const random = seeded(64);
  const gauss = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const any = () => Array.from({ length: dimension }, gauss);
  const near = (vector: readonly number[], by: number) => vector.map((value) => value + by * gauss());
  const [letter, line, row] = [any(), any(), any()];
  const written = Array.from({ length: shape.written }, any);
  const vectors = [
    ...Array.from({ length: shape.equal }, () => letter),
    ...Array.from({ length: shape.log }, () => near(line, 0.02)),
    ...Array.from({ length: shape.table }, () => near(row, 0.05)),
    ...written,
  ];
  const ids = vectors.map(() => randomUUID());
  const { organisation } = hub.me.identity;
  const [source, page, generation] = [randomUUID(), randomUUID(), randomUUID()];
  await hub.owner.query(
    `insert into knowledge.source (id, organisation_id, kind, name) values ($1, $2, 'files', 'Files')`,
    [source, organisation],
  );
  await hub.owner.query(
    `insert into knowledge.page (id, organisation_id, source_id, address, title, content, media, language, hash)
     values ($1, $2, $3, 'a', 'A', '', 'text/plain', 'english', '')`,
    [page, organisation, source],
  );
  await hub.owner.query(
    `insert into knowledge.generation (id, organisation_id, model, dimension, state) values ($1, $2, 'm', $3, 'serving')`,
    [generation, organisation, dimension],
  );
  await hub.owner.query("select knowledge.make_vectors($1)", [dimension]);
  await hub.owner.query(
    `insert into knowledge.chunk (id, organisation_id, source_id, page_id, ordinal, kind, heading, content, identifiers,
       first_line, last_line, tokens, language, hash)
     select id, $2, $3, $4, 1, 'prose', '', '', '', 1, 1, 1, 'english', '' from unnest($1::uuid[]) id`,
    [ids, organisation, source, page],
  );
  await hub.owner.query(
    `insert into knowledge.vector_${dimension} (generation_id, chunk_id, organisation_id, source_id, embedding)
     select $3, e.id, $4, $5, e.vector::halfvec from unnest($1::uuid[], $2::text[]) e(id, vector)`,
    [
      ids,
      vectors.map((vector) => `[${vector.map((value) => value.toFixed(4)).join(",")}]`),
      generation,
      organisation,
      source,
    ],
  );
  const first = vectors.length - written.length;
  const questions = written.slice(0, 60).map((vector, at) => ({
    id: ids[first + at] as string,
    // On the way from the crowd of log lines to the passage, nearer to the passage.
    vector: vector.map((value, i) => value + 0.5 * (line[i] ?? 0) + 0.15 * gauss()),
  }));
  return { generation, questions };
}

test("what people wrote is found among thousands of passages that are equal or nearly so, as an exact search finds it", async () => {
  const hub = await startHub({ background: false });
  const { generation: id, questions } = await fill(hub);
  const generation = { id, model: "m", dimension, state: "serving" as const, unrelated: null };
  let hits = 0;
  let shared = 0;
  let exactHits = 0;
  for (const { id: wanted, vector } of questions) {
    const query = { words: "", must: [], never: [], filter: {}, limit: 10, vector: { generation, values: vector } };
    const found = (await nearest(hub.database, hub.me.identity, query, 10)).slice(0, 10).map(({ chunk }) => chunk);
    const { rows } = await hub.owner.query<{ id: string }>(
      `select chunk_id as id from knowledge.vector_${dimension} order by (embedding <=> $1::halfvec) + 0 limit 10`,
      [`[${vector.join(",")}]`],
    );
    const exact = rows.map((row) => row.id);
    if (exact.slice(0, 5).includes(wanted)) exactHits++;
    if (found.slice(0, 5).includes(wanted)) hits++;
    shared += found.filter((one) => exact.includes(one)).length / exact.length;
  }
  expect(exactHits / questions.length).toBeGreaterThan(0.95);
  expect(hits).toBe(exactHits);
  expect(shared / questions.length).toBeGreaterThanOrEqual(0.95);
});

test("a passage that says many things is found by the one that answers", async () => {
  const hub = await startHub({ background: false });
  const { generation: id, questions } = await fill(hub);
  const generation = { id, dimension };
  const [asked, other] = questions;
  const values = asked?.vector.map((value, at) => value + 0.9 * (other?.vector[at] ?? 0)) ?? [];
  const query = { words: "", must: [], never: [], filter: {}, limit: 10, vector: { generation, values } };
  const before = await nearest(hub.database, hub.me.identity, query, 60);
  const late = before[5]?.chunk as string;
  const vector = `[${values.join(",")}]`;
  await hub.owner.query(
    `update knowledge.vector_${dimension} set parts = array[embedding, $2::halfvec] where chunk_id = $1`,
    [late, vector],
  );
  const after = await nearest(hub.database, hub.me.identity, query, 60);
  expect(after[0]?.chunk).toBe(late);
  expect(after[0]?.score).toBeCloseTo(((before[5]?.score ?? 0) + 1) / 2, 2);
  expect(after.slice(1, 6).map(({ chunk }) => chunk)).toEqual(before.slice(0, 5).map(({ chunk }) => chunk));
});

test("of equal passages of a source one is embedded, and another when it goes; one of a single letter never is", async () => {
  const models = await startModels();
  const hub = await startHub({ gateway: { providers: [provider(models.url)] } });
  await hub.ask("PUT", "/settings", { embeddingModel: "mock/embed-64" });
  const text = "# Same\n\nThe otter sleeps on its back and holds a stone.";
  const { id } = await hub.upload("a.md", text);
  for (const [name, content] of [
    ["b.md", text],
    ["c.md", text],
    ["letter.txt", "a".repeat(9000)],
  ] as const)
    await hub.upload(name, content, { source: id });
  await hub.settled(id);
  const vectors = async () =>
    (
      await hub.owner.query<{ address: string }>(
        "select p.address from knowledge.vector_64 v join knowledge.chunk c on c.id = v.chunk_id join knowledge.page p on p.id = c.page_id",
      )
    ).rows.map(({ address }) => address);
  expect(await vectors()).toHaveLength(1);
  const [one] = await vectors();
  expect(models.asked.filter((asked) => asked.includes("otter"))).toHaveLength(1);
  expect((await hub.hits("otter", { mode: "words" })).map(({ citation }) => citation.page.address).sort()).toEqual([
    "a.md",
    "b.md",
    "c.md",
  ]);
  // The page that has the vector says something else from now on.
  await hub.upload(one as string, "# Other\n\nThe heron waits in the reeds for hours.", { source: id });
  await expect.poll(vectors).toHaveLength(2);
  expect((await hub.hits("otter", { mode: "vector" }))[0]?.content).toContain("otter");
});

test("a passage of one letter, a rule or separators says nothing; a word does, in any script", () => {
  for (const text of ["a".repeat(900), "-----\n=====\n", "| | |\n| --- | --- |", "0000 0000 ".repeat(40), "\n"])
    expect([text, saysSomething(text)]).toEqual([text, false]);
  for (const text of ["Go", "税", "C#", "The otter sleeps.", "2026-01-03 11:02", "| a | b |\n| --- | --- |\n| c | d |"])
    expect([text, saysSomething(text)]).toEqual([text, true]);
});
