import type { Static } from "typebox";
import { describe, expect, test } from "vitest";
import type { SettingsTold } from "../../../glue-services/knowledge/schemas.ts";
import { provider } from "../ai-gateway/gateway.ts";
import { startHub } from "./knowledge.ts";
import { startModels } from "./models.ts";

type Settings = Static<typeof SettingsTold>;
const animals = ["The wombat digs a burrow.", "The heron waits in the reeds.", "The gecko climbs the wall."];

describe("embeddings", () => {
  test.each([7, 768, 3072, 4096])(
    "%i dimensions return results (Archon #894, #316, #803: only 1536 did)",
    async (dimension) => {
      const models = await startModels();
      const hub = await startHub({ gateway: { providers: [provider(models.url)] } });
      await hub.ask("PUT", "/settings", { embeddingModel: `mock/embed-${dimension}` });
      const sources = await Promise.all(animals.map((text, i) => hub.upload(`${i}.txt`, text)));
      for (const { id } of sources) await hub.settled(id);
      const hits = await hub.hits("wombat burrow", { mode: "vector" });
      expect(hits).toHaveLength(3);
      expect(hits[0]).toMatchObject({ content: animals[0], ranks: { vector: 1 } });
      const { serving } = await hub.ask<Settings>("GET", "/settings");
      expect(serving).toEqual({ model: `mock/embed-${dimension}`, dimension, waiting: 0 });
    },
  );

  test("a new model is built beside the old one, which serves until then; the switch is one step", async () => {
    const models = await startModels();
    const hub = await startHub({ gateway: { providers: [provider(models.url)] } });
    await hub.ask("PUT", "/settings", { embeddingModel: "mock/embed-64" });
    const source = await hub.upload("all.md", animals.map((text, i) => `# ${i}\n\n${text.repeat(20)}`).join("\n\n"));
    await hub.settled(source.id);

    // The new model takes one text, to be known by, and then none for a while.
    let open = false;
    models.does((got, response) => {
      const isNew = got.body.model === "embed-96" && !(got.body.input as string[])[0]?.startsWith("A ");
      if (isNew && !open)
        return void response
          .writeHead(503, { "content-type": "application/json" })
          .end('{"error":{"message":"later"}}');
      return models.first(got, response);
    });
    await hub.ask("PUT", "/settings", { embeddingModel: "mock/embed-96" });
    const settings = () => hub.ask<Settings>("GET", "/settings");
    expect(await settings()).toMatchObject({
      serving: { dimension: 64, waiting: 0 },
      building: { dimension: 96, waiting: 3 },
    });
    expect((await hub.hits("wombat", { mode: "vector" }))[0]?.content).toContain("wombat");
    // What comes meanwhile is embedded for both.
    const later = await hub.upload("later.md", "The lemur naps.");
    await hub.settled(later.id);
    expect((await hub.hits("lemur", { mode: "vector" }))[0]?.content).toContain("lemur");

    open = true;
    await expect.poll(async () => (await settings()).building).toBe(null);
    expect(await settings()).toMatchObject({ serving: { model: "mock/embed-96", dimension: 96, waiting: 0 } });
    expect((await hub.hits("lemur", { mode: "vector" }))[0]?.content).toContain("lemur");
    const left = () => hub.owner.query("select from knowledge.vector_64");
    await expect.poll(async () => (await left()).rowCount).toBe(0);
  });

  test("while the model is away, words still find, the answer says so, and vectors follow when it is back", async () => {
    const models = await startModels();
    const hub = await startHub({ gateway: { providers: [provider(models.url)] } });
    await hub.ask("PUT", "/settings", { embeddingModel: "mock/embed-64" });
    const source = await hub.upload("a.txt", animals[0] as string);
    await hub.settled(source.id);
    models.does((_got, response) => void response.writeHead(500, { "content-type": "application/json" }).end("{}"));
    await hub.upload("b.txt", "The narwhal dives.");
    await expect.poll(async () => (await hub.hits("narwhal")).length).toBe(1);
    const { hits, note } = await hub.search("narwhal");
    expect([hits.length, note]).toEqual([1, expect.stringContaining("words only")]);
    models.does(models.first);
    await hub.settled(source.id);
    expect((await hub.search("narwhal")).note).toBeUndefined();
  });

  test("a text that the model refuses holds up no other, and is found by its words", async () => {
    const models = await startModels();
    const hub = await startHub({ gateway: { providers: [provider(models.url)] } });
    await hub.ask("PUT", "/settings", { embeddingModel: "mock/embed-64" });
    const source = await hub.upload("a.md", "# A\n\nThe UNSPEAKABLE platypus.");
    await hub.upload("b.md", "# B\n\nThe plain platypus.");
    await hub.settled(source.id);
    expect(await hub.hits("platypus", { mode: "words" })).toHaveLength(2);
    expect(await hub.hits("platypus", { mode: "vector" })).toHaveLength(1);
  });

  test("a model that does not embed is refused before it is chosen", async () => {
    const hub = await startHub();
    const { status, body } = await hub.answer("PUT", "/settings", { embeddingModel: "nobody/nothing" });
    expect([status, body.error.code]).toEqual([503, "UNAVAILABLE"]);
    expect((await hub.ask<Settings>("GET", "/settings")).embeddingModel).toBe("embed");
  });
});
