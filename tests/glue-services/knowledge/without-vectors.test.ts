import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { toolsOf } from "../../../glue-services/kit/index.ts";
import { knowledgeContract } from "../../../glue-services/knowledge/contract.ts";
import { provider } from "../ai-gateway/gateway.ts";
import type { Answer } from "../ai-gateway/upstream.ts";
import { type Answered, type Hub, startHub } from "./knowledge.ts";
import { startModels } from "./models.ts";

const text = "The narwhal dives below the ice.";
/** Milliseconds that no answer takes, on however busy a machine. */
const long = 300_000;
const json = { "content-type": "application/json" };

/** A hub whose passage is embedded by a provider; `spoil` is what that provider does with texts from then on. */
async function embedded(spoil?: Answer, embedding = long): Promise<Hub> {
  const models = await startModels(() => "It dives below the ice [1].");
  const hub = await startHub({ gateway: { providers: [provider(models.url)] }, patience: { embedding } });
  await hub.ask("PUT", "/settings", { embeddingModel: "mock/embed-64", answerModel: "mock/talk" });
  await hub.settled((await hub.upload("a.txt", text)).id);
  if (spoil) models.does((got, response) => (got.path.endsWith("/embeddings") ? spoil : models.first)(got, response));
  return hub;
}

test("a search with vectors says that they were used, and one by words that they were not", async () => {
  const hub = await embedded();
  expect(await hub.search("narwhal")).toMatchObject({ vectorsUsed: true, hits: [{ content: text }] });
  expect(await hub.search("narwhal", { mode: "words" })).toMatchObject({
    vectorsUsed: false,
    hits: [{ content: text }],
  });
});

/** What words alone find, in whatever way somebody searches. */
async function expectWords(hub: Hub, why: RegExp): Promise<void> {
  const note = expect.stringMatching(why);
  for (const mode of ["hybrid", "vector"]) {
    expect(await hub.search("narwhal", { mode }), mode).toMatchObject({
      vectorsUsed: false,
      note,
      hits: [{ content: text }],
    });
  }
  const offered = toolsOf(hub.app).find(({ tool }) => tool.name === "search_knowledge");
  const { signal } = new AbortController();
  const context = { app: hub.app, identity: hub.me.identity, signal, progress() {} };
  const told = await offered?.tool.call({ query: "narwhal" } as never, context);
  expect(told).toMatchObject({ data: { vectorsUsed: false, note, passages: [{ text }] } });
  const other = await hub.app.use(knowledgeContract).search({ tenant: hub.me.identity, asked: { q: "narwhal" } });
  expect(other).toMatchObject({ vectorsUsed: false, note, hits: [{ content: text }] });
}

test.each<[string, Answer, RegExp]>([
  ["never answers", () => {}, /words only.*embed-64 did not embed the question within 0\.05 s/],
  [
    "begins to answer and goes on for ever",
    (_got, response) => void response.writeHead(200, json).write('{"data":['),
    /words only.*within 0\.05 s/,
  ],
])(
  "a model of embeddings that %s: words answer, and say so, in each way to search and to ask",
  async (_, does, why) => {
    const hub = await embedded(does, 50);
    await expectWords(hub, why);
    const answered = await hub.ask<Answered>("POST", "/ask", { question: "Where does the narwhal dive?" });
    expect(answered).toMatchObject({ answered: true, vectorsUsed: false, note: expect.stringMatching(why) });
  },
);

test.each<[string, Answer]>([
  ["fails", (_got, response) => void response.writeHead(500, json).end("{}")],
  ["refuses the question", (_got, response) => void response.writeHead(400, json).end('{"error":{"message":"no"}}')],
  ["hangs up", (_got, response) => void response.destroy()],
  ["answers nonsense", (_got, response) => void response.writeHead(200, json).end('{"data":"none"}')],
  [
    "answers holes instead of vectors",
    (_got, response) => void response.writeHead(200, json).end('{"data":[{"index":0},null]}'),
  ],
])("a model of embeddings that %s: words answer, and say why", async (_, does) => {
  await expectWords(await embedded(does), /words only/);
});

test.each<[string, (folder: string) => Promise<object | string>, RegExp]>([
  ["is not there yet", async (folder) => join(folder, "nowhere.json"), /words only.*not there yet/],
  [
    "cannot be loaded",
    async (folder) => {
      await writeFile(join(folder, "model.bin"), "no model");
      return { runtime: folder, model: folder };
    },
    /words only.*process of the local model ends/,
  ],
  [
    "is loading for ever",
    async (folder) => {
      execFileSync("mkfifo", [join(folder, "model.bin")]);
      return { runtime: folder, model: folder };
    },
    /words only.*within 0\.05 s/,
  ],
])("a local model of embeddings that %s: words answer, and say so", async (state, place, why) => {
  const folder = await mkdtemp(join(tmpdir(), "devflow-no-model-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const local = (await place(folder)) as string;
  // Only what loads without end is waited for briefly: each other one has its own end.
  const hub = await startHub({ gateway: { local }, patience: { embedding: /loading/.test(state) ? 50 : long } });
  await hub.upload("a.txt", text);
  await expect.poll(() => hub.search("narwhal")).toMatchObject({ vectorsUsed: false, hits: [{ content: text }] });
  await hub.owner.query(
    `insert into knowledge.generation (organisation_id, model, dimension, state, serving_at, method)
     values ($1, 'local/multilingual-e5-small', 384, 'serving', now(), 2)`,
    [hub.me.identity.organisation],
  );
  await expectWords(hub, why);
});

test("a model that orders the hits and never answers is left out in time", async () => {
  const models = await startModels();
  const hub = await startHub({ gateway: { providers: [provider(models.url)] }, patience: { reranking: 50 } });
  await hub.ask("PUT", "/settings", { embeddingModel: "mock/embed-64", rerankModel: "mock/talk" });
  const { id } = await hub.upload("a.txt", text);
  await hub.upload("b.txt", "A narwhal is no unicorn.", { source: id });
  await hub.settled(id);
  models.does((got, response) => (got.path.endsWith("/embeddings") ? models.first(got, response) : undefined));
  const { hits, note } = await hub.search("narwhal", { rerank: "true" });
  expect([hits.length, note]).toEqual([2, expect.stringContaining("did not answer within 0.05 s")]);
});
