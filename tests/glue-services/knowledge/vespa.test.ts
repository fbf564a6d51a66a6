import type { Static } from "typebox";
import { describe, expect, test } from "vitest";
import { dimensions } from "../../../glue-services/knowledge/index/vespa/document.ts";
import type { SettingsTold } from "../../../glue-services/knowledge/schemas.ts";
import { provider } from "../ai-gateway/gateway.ts";
import { person } from "../build.ts";
import { proveIsolation } from "../isolation.ts";
import { type Hub, type HubOptions, startHub } from "./knowledge.ts";
import { startModels } from "./models.ts";
import { readPackage } from "./vespa/package.ts";
import { type StandIn, startVespa } from "./vespa/vespa.ts";

type Settings = Static<typeof SettingsTold>;
const animals = ["The wombat digs a burrow.", "The heron waits in the reeds.", "The gecko climbs the wall."];

interface Setting {
  hub: Hub;
  vespa: StandIn;
}

async function start(options: HubOptions & { dimension?: number } = {}): Promise<Setting> {
  const { dimension = 384, ...more } = options;
  const vespa = await startVespa();
  const models = await startModels();
  const hub = await startHub({ gateway: { providers: [provider(models.url)] }, vespa: vespa.url, ...more });
  await hub.ask("PUT", "/settings", { embeddingModel: `mock/embed-${dimension}` });
  return { hub, vespa };
}

/** Uploads texts, each a file of its own. */
async function write({ hub }: Setting, texts: Record<string, string>, who = hub.me): Promise<string> {
  let id = "";
  for (const [name, text] of Object.entries(texts)) id = (await hub.upload(name, text, { who })).id;
  await hub.settled(id, who);
  return id;
}

/** Until Vespa has all that PostgreSQL has, and serves. */
async function followed({ hub }: Setting, who = hub.me): Promise<void> {
  const state = async () => (await hub.ask<Settings>("GET", "/settings", undefined, who)).vespa;
  await expect.poll(state, { interval: 50 }).toEqual({ serves: true, waiting: 0 });
}

/** A page of a passage each. */
const sections = (texts: readonly string[]) => texts.map((text, at) => `# Part ${at}\n\n${text}`).join("\n\n");
const three = { "animals.md": sections(animals) };
const passages = ({ documents }: StandIn) => [...documents.values()].filter(({ fields }) => fields.kind !== "marker");

describe("Vespa as the index", () => {
  test("the dimensions it is fed with are those of the application package", () => {
    expect([...readPackage().types.keys()]).toEqual(dimensions.map((size) => `chunk_${size}`));
  });

  test("a file is found by meaning and by words, its ranks as on PostgreSQL, its text read from there", async () => {
    const setting = await start();
    const { hub, vespa } = setting;
    await write(setting, { ...three, "code.ts": "export function digBurrow() {\n  return 1;\n}\n" });
    await followed(setting);
    expect(passages(vespa)).toHaveLength(4);
    const { hits, note } = await hub.search("wombat burrow");
    expect(note).toBeUndefined();
    expect(hits[0]).toMatchObject({ content: animals[0], ranks: { words: 1, vector: 1 } });
    expect(hits[0]?.citation.page.address).toBe("animals.md");
    expect(vespa.queries.at(-1)).toMatchObject({ "ranking.profile": "hybrid", words: "wombat burrow" });
    expect(await hub.hits("wombat", { mode: "words" })).toHaveLength(1);
    expect(await hub.hits("wombat", { mode: "vector" })).toHaveLength(4);
    expect((await hub.hits("dig burrow", { mode: "words", kind: "code" }))[0]?.content).toContain("digBurrow");
    expect(await hub.hits("wombat", { prefix: "code", mode: "vector" })).toHaveLength(1);
    expect(await hub.hits("wombat", { prefix: "Code", mode: "vector" })).toHaveLength(0);
    expect(await hub.hits('"digs a burrow"', { mode: "words", operators: "true" })).toHaveLength(1);
    expect(await hub.hits('the -"digs a burrow"', { mode: "words", operators: "true" })).toHaveLength(2);
    // All of it was Vespa's, none of it somebody's YQL.
    expect(vespa.queries.length).toBe(8);
    const hostile = 'x" or organisation contains "';
    expect(await hub.hits(hostile, { mode: "words", prefix: '"; select' })).toEqual([]);
    expect(vespa.queries.at(-1)?.yql).not.toContain("; select");
  });

  test("every query is of one organisation; a Vespa that answers with what is somebody else's is not believed", async () => {
    const setting = await start();
    const { hub, vespa } = setting;
    const other = person();
    await hub.ask("PUT", "/settings", { embeddingModel: "mock/embed-384" }, other);
    await write(setting, three);
    await write(setting, { "mine.txt": "A wombat of others." }, other);
    await followed(setting);
    await followed(setting, other);
    for (const mode of ["hybrid", "words", "vector"]) {
      const hits = await hub.hits("wombat", { mode }, other);
      expect(hits.map(({ content }) => content)).toEqual(["A wombat of others."]);
    }
    const theirs = [...vespa.documents.values()].filter(
      ({ fields }) => fields.organisation === hub.me.identity.organisation && fields.kind !== "marker",
    );
    vespa.does(({ path }) =>
      path === "/search/"
        ? {
            status: 200,
            body: {
              root: {
                coverage: { coverage: 100, documents: 4 },
                children: theirs.map(({ fields }) => ({
                  fields: { ...fields, matchfeatures: { words: 1, meaning: 1 } },
                })),
              },
            },
          }
        : undefined,
    );
    const { hits, note } = await hub.search("wombat", {}, other);
    expect(hits.map(({ content }) => content)).toEqual(["A wombat of others."]);
    expect(note).toContain("belongs to somebody else");
    // Nor do the rows that say what is fed reach anybody else.
    vespa.does(({ path }) => (path.startsWith("/document") ? { status: 503, body: {} } : undefined));
    await write(setting, { "late.txt": "Too late for the marten." });
    const tables = ["mirror", "unfed"];
    const { rows } = await hub.owner.query<{ name: string }>(
      "select relname as name from pg_class where relnamespace = 'knowledge'::regnamespace and relkind = 'r'",
    );
    const shared = rows.map(({ name }) => name).filter((name) => !tables.includes(name));
    expect(await proveIsolation(hub.owner, hub.database, { shared })).toEqual(tables);
  });

  test("what is deleted or changed in PostgreSQL is deleted or changed in Vespa", async () => {
    const setting = await start();
    const { hub, vespa } = setting;
    const source = await write(setting, three);
    await followed(setting);
    await write(setting, { "animals.md": sections(["The wombat sleeps.", ...animals.slice(1)]) });
    await followed(setting);
    const texts = () => passages(vespa).map(({ fields }) => fields.content);
    await expect.poll(() => texts().toSorted()).toEqual([animals[2], animals[1], "The wombat sleeps."]);
    await hub.ask("DELETE", `/sources/${source}`);
    await expect.poll(texts).toEqual([]);
  });

  test("while Vespa is away PostgreSQL answers and says so, and what happened meanwhile is fed when it is back", async () => {
    const setting = await start();
    const { hub, vespa } = setting;
    await write(setting, three);
    await followed(setting);
    await vespa.stop();
    const { hits, note } = await hub.search("wombat burrow");
    expect(hits[0]).toMatchObject({ content: animals[0], ranks: { words: 1, vector: 1 } });
    expect(note).toContain("found with PostgreSQL instead");
    // The next ones do not wait for it.
    for (let i = 0; i < 5; i++) expect((await hub.search("heron")).note).toContain("Vespa does not answer");
    await write(setting, { "late.txt": "The narwhal dives." });
    const state = async () => (await hub.ask<Settings>("GET", "/settings")).vespa;
    await expect.poll(async () => (await state())?.note).toContain("Vespa does not answer");
    expect(await state()).toMatchObject({ waiting: 1 });
    await vespa.start();
    await followed(setting);
    expect(passages(vespa)).toHaveLength(4);
    await expect.poll(async () => (await hub.search("narwhal")).note).toBeUndefined();
  });

  test("a Vespa that is added later is filled from PostgreSQL; an end in the middle costs only what was in hand", async () => {
    const models = await startModels();
    const without = await startHub({ gateway: { providers: [provider(models.url)] } });
    await without.ask("PUT", "/settings", { embeddingModel: "mock/embed-768" });
    const many = Array.from({ length: 300 }, (_, i) => `# Animal ${i}\n\nNumber ${i} is ${animals[i % 3]}`).join(
      "\n\n",
    );
    const { id } = await without.upload("many.md", many);
    const { chunks } = await without.settled(id);
    expect(chunks).toBe(300);
    expect((await without.ask<Settings>("GET", "/settings")).vespa).toBe(null);
    await without.app.close();

    const vespa = await startVespa();
    let refuses = false;
    vespa.does(({ path }) => (refuses && path.startsWith("/document") ? { status: 500, body: {} } : undefined));
    const options = {
      gateway: { providers: [provider(models.url)] },
      vespa: vespa.url,
      database: { url: without.url },
    };
    const hub = await startHub(options);
    const follow = (of: Hub) => of.owner.query("select graphile_worker.add_job('knowledge.follow')");
    await follow(hub);
    const mine = { identity: without.me.identity, headers: without.me.headers };
    await expect.poll(() => (refuses ||= vespa.puts >= 128), { timeout: 80_000, interval: 1 }).toBe(true);
    // PostgreSQL serves until all is there.
    const half = await hub.search("wombat", { mode: "words" }, mine);
    expect([half.hits.length > 0, half.note, vespa.queries.length]).toEqual([true, undefined, 0]);
    expect((await hub.ask<Settings>("GET", "/settings", undefined, mine)).vespa).toMatchObject({ serves: false });
    await hub.app.close();
    const sent = vespa.puts;
    expect(sent).toBeLessThan(300);
    refuses = false;
    const again = await startHub(options);
    await follow(again);
    await followed({ hub: again, vespa }, mine);
    expect(passages(vespa)).toHaveLength(300);
    expect(passages(vespa).every(({ type, fields }) => type === "chunk_768" && fields.embedding)).toBe(true);
    // What was acknowledged is not sent again: only what the feeder had in hand when it was stopped.
    expect(vespa.puts - sent).toBeLessThanOrEqual(300);
    expect((await again.search("wombat", { mode: "words" }, mine)).note).toBeUndefined();
    expect(vespa.queries).toHaveLength(1);
  });

  test("a new model is fed beside the old one; what the old one had is deleted from Vespa afterwards", async () => {
    const setting = await start();
    const { hub, vespa } = setting;
    await write(setting, { "many.md": sections(Array.from({ length: 25 }, (_, i) => `${animals[0]} ${i}`)) });
    await followed(setting);
    await hub.ask("PUT", "/settings", { embeddingModel: "mock/embed-768" });
    expect((await hub.hits("wombat", { mode: "vector" })).length).toBe(8);
    await expect.poll(() => [...new Set([...vespa.documents.values()].map(({ type }) => type))]).toEqual(["chunk_768"]);
    await followed(setting);
    expect(passages(vespa)).toHaveLength(25);
    vespa.queries.length = 0;
    expect((await hub.search("wombat")).note).toBeUndefined();
    expect(vespa.queries[0]?.yql).toContain("from chunk_768 ");
  });

  test("a Vespa that bears little gets little at once, and all of it in the end", async () => {
    const setting = await start();
    const { vespa } = setting;
    vespa.room = 3;
    await write(setting, {
      "many.md": Array.from({ length: 120 }, (_, i) => `# ${i}\n\n${animals[i % 3]}`).join("\n\n"),
    });
    await followed(setting);
    expect(passages(vespa)).toHaveLength(120);
    expect(vespa.most).toBeLessThanOrEqual(64);
  });

  test("a Vespa that has lost its documents is noticed, filled again, and answers nothing until then", async () => {
    const setting = await start();
    const { hub, vespa } = setting;
    await write(setting, three);
    await followed(setting);
    vespa.documents.clear();
    const { hits, note } = await hub.search("wombat burrow");
    expect([hits[0]?.content, note]).toEqual([animals[0], expect.stringContaining("no documents")]);
    await write(setting, { "late.txt": "The narwhal dives." });
    await followed(setting);
    expect(passages(vespa)).toHaveLength(4);
  });

  test("a document that Vespa does not take holds up no other", async () => {
    const setting = await start();
    const { vespa } = setting;
    vespa.does(({ path, body }) =>
      path.startsWith("/document") && body.includes("heron") ? { status: 400, body: { message: "no" } } : undefined,
    );
    await write(setting, { ...three, "odd.txt": "The odd\u0001 wombat\uFFFF." });
    await followed(setting);
    expect(passages(vespa)).toHaveLength(3);
  });

  test("vectors without a schema stay with PostgreSQL, which the settings say", async () => {
    const setting = await start({ dimension: 64 });
    const { hub, vespa } = setting;
    await write(setting, three);
    expect(await hub.hits("wombat", { mode: "vector" })).toHaveLength(3);
    expect((await hub.ask<Settings>("GET", "/settings")).vespa).toMatchObject({
      serves: false,
      note: expect.stringContaining("64 dimensions"),
    });
    expect(vespa.documents.size + vespa.queries.length).toBe(0);
  });
});
