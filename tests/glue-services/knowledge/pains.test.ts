import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { buildApp, toolsOf } from "../../../glue-services/kit/index.ts";
import { knowledge } from "../../../glue-services/knowledge/app.ts";
import type { SourceTold } from "../../../glue-services/knowledge/schemas.ts";
import { provider } from "../ai-gateway/gateway.ts";
import { cloneDatabase, people, sharedServer } from "../build.ts";
import { administer } from "../template.ts";
import { startHub } from "./knowledge.ts";
import { startModels } from "./models.ts";
import { html, startSite } from "./site.ts";

/** What users of Archon complain about, which no other test here is named after. */

const animals = ["aardvark", "bonobo", "caracal", "dugong", "echidna", "fossa", "gharial", "hoopoe", "ibex", "jerboa"];

test("a query returns what was read, by question, word and agents' tool alike, with no way around needed (Archon #313, #690)", async () => {
  const models = await startModels();
  const site = await startSite({
    "/": html(
      "Animals",
      "A list.",
      animals.map((name) => `/${name}`),
    ),
    ...Object.fromEntries(animals.map((name) => [`/${name}`, html(name, `All that is known about the ${name}.`)])),
  });
  const hub = await startHub({ allow: [site.host], gateway: { providers: [provider(models.url)] } });
  await hub.ask("PUT", "/settings", { embeddingModel: "mock/embed-384" });
  const body = { kind: "site", address: site.url, settings: { delayMs: 0 } };
  const { id } = await hub.ask<SourceTold>("POST", "/sources", body);
  expect((await hub.settled(id)).pages).toBe(animals.length + 1);
  const offered = toolsOf(hub.app).find(({ tool }) => tool.name === "search_knowledge");
  for (const name of animals) {
    for (const more of [{}, { mode: "words" }, { mode: "vector" }, { source: id }]) {
      const [hit] = await hub.hits(`what is known about the ${name}?`, more);
      expect([name, more, hit?.citation.page.address]).toEqual([name, more, `${site.url}/${name}`]);
    }
    const context = {
      ...{ app: hub.app, identity: hub.me.identity, signal: AbortSignal.timeout(300_000) },
      progress() {},
    };
    const answer = await offered?.tool.call({ query: name } as never, context);
    expect(JSON.stringify(answer)).toContain(`All that is known about the ${name}.`);
  }
});

test("what only its words find does not sink below what is only alike (Archon sorts two scales as one)", async () => {
  const models = await startModels();
  const hub = await startHub({ gateway: { providers: [provider(models.url)] } });
  await hub.ask("PUT", "/settings", { embeddingModel: "mock/embed-64" });
  const alike = Array.from({ length: 30 }, (_, at) =>
    hub.upload(`${at}.txt`, `The error of the payment and how to mend the payment error, part ${at}.`),
  );
  await Promise.all(alike);
  // The model refuses it, so it has no vector: words alone find it.
  const source = await hub.upload("code.txt", "UNSPEAKABLE: ERR_X7731 comes from the payment.");
  await hub.settled(source.id);
  const hits = await hub.hits("payment error ERR_X7731", { limit: "3" });
  expect(hits.map(({ citation }) => citation.page.address)).toContain("code.txt");
});

test("words are found as their language bends them, each page in its own (Archon reads all as English)", async () => {
  const hub = await startHub();
  await hub.upload(
    "haus.md",
    "# Häuser\n\nDie Häuser an der Küste wurden von den Fischern gebaut und werden heute noch von ihnen bewohnt.",
  );
  await hub.upload("ferry.md", "# Ferries\n\nThe ferries were leaving the harbour when the captains arrived there.");
  await hub.upload(
    "pont.md",
    "# Les ponts\n\nLes ponts que nous avons construits traversent les rivières de la région.",
  );
  for (const [query, page] of [
    ["Haus der Fischer", "haus.md"],
    ["ferry captain", "ferry.md"],
    ["pont sur une rivière", "pont.md"],
  ] as const) {
    await expect.poll(async () => (await hub.hits(query, { mode: "words" }))[0]?.citation.page.address).toBe(page);
  }
});

test("while its database refuses it says so, and goes on by itself when it is back (Archon #308, #302)", async () => {
  const { url, name } = await cloneDatabase();
  const hub = await startHub({ database: { url } });
  await hub.upload("a.md", "# A\n\nThe quokka smiles.");
  await expect.poll(async () => (await hub.hits("quokka", { mode: "words" })).length).toBe(1);
  const server = await sharedServer();
  const open = (may: boolean) =>
    administer(server, async (client) => {
      await client.query(`alter database ${name} allow_connections ${may}`);
      if (!may) await client.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", [name]);
    });
  await open(false);
  const away = await hub.answer("GET", "/search?q=quokka&mode=words");
  expect([away.status, away.body.error.code, away.body.error.hint]).toEqual([
    503,
    "UNAVAILABLE",
    expect.stringContaining("status page"),
  ]);
  const ready = await hub.app.inject({ method: "GET", url: "/readyz" });
  expect([ready.statusCode, ready.body]).toEqual([503, expect.stringContaining("database")]);
  await open(true);
  await expect.poll(async () => (await hub.answer("GET", "/search?q=quokka&mode=words")).body.hits?.length).toBe(1);
  await hub.upload("b.md", "# B\n\nThe bilby digs.");
  await expect.poll(async () => (await hub.hits("bilby", { mode: "words" })).length).toBe(1);
});

test("the schema is checked at boot: an old one is brought up to date with its data, a newer one is refused by name (Archon #204)", async () => {
  const { url, owner } = await cloneDatabase();
  const now = fileURLToPath(new URL("../../../glue-services/knowledge/migrations/", import.meta.url));
  const folder = await mkdtemp(join(tmpdir(), "devflow-schema-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await cp(now, folder, { recursive: true, filter: (path) => !/\/\d{4}-/.test(path) || /\/000[1-3]-/.test(path) });
  const start = (migrations?: URL) =>
    buildApp({
      ...{ version: "1", logLevel: "silent", database: { url }, background: false },
      services: [{ ...knowledge(), ...(migrations && { migrations, jobs: [] }) }],
      verify: async ({ headers }) => people.get(headers.authorization ?? ""),
    });
  const old = await start(pathToFileURL(`${folder}/`));
  await old.close();
  const organisation = "11111111-1111-4111-8111-111111111111";
  await owner.query(
    "insert into knowledge.source (organisation_id, kind, name, address) values ($1, 'git', 'Old', 'a/b')",
    [organisation],
  );
  const fresh = await start();
  onTestFinished(() => fresh.close());
  const { rows } = await owner.query("select name, refresh_hours from knowledge.source");
  expect(rows).toEqual([{ name: "Old", refresh_hours: 6 }]);
  await owner.query(
    "insert into devflow.migration (schema, number, name, checksum) values ('knowledge', 99, '0099-later.sql', 'x')",
  );
  await expect(start()).rejects.toThrow(/knowledge\/0099-later\.sql, which this version does not know/);
  await owner.query("delete from devflow.migration where number = 99");
  await owner.query("update devflow.migration set checksum = 'other' where schema = 'knowledge' and number = 1");
  await expect(start()).rejects.toThrow(/knowledge\/0001-sources\.sql was changed/);
});
