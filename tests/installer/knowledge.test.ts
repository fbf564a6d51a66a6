import { writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { provider } from "../glue-services/ai-gateway/gateway.ts";
import { says, startUpstream } from "../glue-services/ai-gateway/upstream.ts";
import { type HubOptions, startHub } from "../glue-services/knowledge/knowledge.ts";
import { html, startSite } from "../glue-services/knowledge/site.ts";
import { commandLine } from "./command-line.ts";

const withKey = ["--key-file", "key"];

/** A knowledge hub where the command line looks for the platform, and the command line. */
async function start(options: HubOptions = {}) {
  const hub = await startHub(options);
  await hub.app.listen({ host: "127.0.0.1", port: 0 });
  const url = `http://127.0.0.1:${(hub.app.server.address() as AddressInfo).port}`;
  const line = await commandLine(url, hub.me.headers.authorization.slice(7));
  return {
    hub,
    folder: line.folder,
    knowledge: (args: string[], more: { input?: string; interruptAt?: RegExp } = {}) =>
      line.devflow(["knowledge", ...args], more),
  };
}

test("a site and files are added, waited for, listed and found, as text for people and data for programs", async () => {
  const site = await startSite({
    "/": html("Home", "Begin here.", ["/night"]),
    "/night": html("Night", "The okapi walks at night."),
  });
  const { folder, knowledge } = await start({ allow: [site.host] });
  await writeFile(
    join(folder, "guide.md"),
    "# Guide\n\n## Tapirs\n\nThe tapir swims well.\n\n```js\nswim(tapir);\n```\n",
  );
  await writeFile(join(folder, "notes.txt"), "The numbat eats termites.\n");

  const added = await knowledge(["add", site.url, "guide.md", "notes.txt", "--name", "Animals", ...withKey]);
  expect([added.code, added.stdout], added.stderr).toEqual([0, ""]);
  expect(added.stderr).toMatch(/Reading Animals …\nAnimals: 2 pages \(2 read\)/);
  const sources = await knowledge(["sources", ...withKey]);
  expect(sources.stdout).toMatch(/^NAME\s+KIND\s+PAGES\s+STATE\s+READ/);
  expect(sources.stdout).toMatch(/Animals\s+files\s+2\s+ready/);
  expect(sources.stdout).toMatch(/Animals\s+site\s+2\s+ready/);

  const found = await knowledge(["search", "tapir", ...withKey]);
  expect(found.stdout).toContain("Guide › Tapirs\n  guide.md:5-9 (Animals)\n");
  expect(found.stdout).toContain("The tapir swims well.");
  const code = JSON.parse((await knowledge(["search", "tapir", "--kind", "code", "--json", ...withKey])).stdout);
  expect(code.hits.map(({ content }: { content: string }) => content)).toEqual([
    expect.stringContaining("swim(tapir)"),
  ]);
  const none = await knowledge(["search", "platypus", ...withKey]);
  expect([none.code, none.stdout, none.stderr]).toEqual([0, "", expect.stringContaining("Nothing was found.")]);
  const narrowed = await knowledge(["search", "okapi", "--source", "nothing", ...withKey]);
  expect([narrowed.code, narrowed.stderr]).toEqual([11, expect.stringContaining("no source nothing")]);
  const twice = await knowledge(["search", "okapi", "--source", "animals", ...withKey]);
  expect([twice.code, twice.stderr]).toEqual([11, expect.stringContaining("2 sources are named animals")]);
});

test("what cannot be added says why and what to do, and nothing of it is sent", async () => {
  const { hub, folder, knowledge } = await start();
  await writeFile(join(folder, "here.md"), "# Here\n");
  for (const [args, code, says] of [
    [["add", "nowhere.pdf"], 2, "neither an address, a repository nor a file"],
    [["add", "here.md", "."], 2, ". is no file"],
    [["add", "ht tp://x", "--kind", "site"], 2, "no web address"],
    [["add", "https://example.com/", "--max-pages", "many"], 2, "--max-pages"],
    [["add", "platform/handbook"], 8, "no Gitea"],
    [["add", "missing.md", "--kind", "files"], 11, "no file missing.md"],
    [["search", "x", "--limit", "900"], 2, "from 1 to 50"],
    [["ask"], 2, "There is no question"],
  ] as const) {
    const said = await knowledge([...args, ...withKey]);
    expect([args, said.code, said.stderr]).toEqual([args, code, expect.stringContaining(says)]);
  }
  const keyless = await knowledge(["sources"]);
  // Without a key it acts as the stack's owner, for which it asks the stack's own database.
  expect([keyless.code, keyless.stderr]).toEqual([10, expect.stringContaining("database does not answer")]);
  expect(await hub.ask("GET", "/sources")).toEqual([]);

  // What the platform finds out only later: the reading fails, and so does the command.
  const refused = await knowledge(["add", "http://127.0.0.1:1/", ...withKey]);
  expect([refused.code, refused.stderr]).toEqual([8, expect.stringContaining("knowledge.allow")]);
});

test("Ctrl-C ends the waiting and not the reading, and --detach does not wait at all", async () => {
  let open = false;
  const site = await startSite({ "/": html("Home", "Begin.", ["/slow"]) }, (_request, response) => {
    const timer = setInterval(() => {
      if (!open) return;
      clearInterval(timer);
      response.end(html("Slow", "The sloth arrives."));
    }, 50);
    response.once("close", () => clearInterval(timer));
  });
  site.pages["/robots.txt"] = "";
  for (const path of ["/llms.txt", "/llms-full.txt", "/sitemap.xml"]) site.pages[path] = "";
  const { hub, knowledge } = await start({ allow: [site.host] });
  const stopped = await knowledge(["add", site.url, ...withKey], { interruptAt: /Reading/ });
  expect([stopped.code, stopped.stderr]).toEqual([130, expect.stringContaining("goes on being read")]);
  open = true;
  await expect.poll(async () => (await hub.hits("sloth", { mode: "words" })).length).toBe(1);
  open = false;
  const detached = await knowledge(["add", `${site.url}/later`, "--detach", "--json", ...withKey]);
  expect(JSON.parse(detached.stdout)).toMatchObject([
    { kind: "site", run: { state: expect.stringMatching(/waiting|running/) } },
  ]);
});

test("ask prints an answer with the places it rests on, and says when there is none", async () => {
  const upstream = await startUpstream(says("Tapirs swim well [1]."));
  const { hub, knowledge } = await start({ gateway: { providers: [provider(upstream.url)] } });
  await hub.ask("PUT", "/settings", { answerModel: "mock/m" });
  await hub.upload("guide.md", "# Guide\n\nThe tapir swims well.\n");
  await expect.poll(async () => (await hub.hits("tapir", { mode: "words" })).length).toBe(1);
  const asked = await knowledge(["ask", "Does", "the", "tapir", "swim?", ...withKey]);
  expect([asked.code, asked.stdout], asked.stderr).toEqual([
    0,
    expect.stringMatching(/^Tapirs swim well \[1\]\.\n\n\[1\] guide\.md:\d/),
  ]);
  const none = await knowledge(["ask", "--json", ...withKey], { input: "zebra unicorn" });
  expect(JSON.parse(none.stdout)).toMatchObject({ answered: false, citations: [] });
});

test("when a file cannot be read, add ends with a failure and names each file with its reason; those that can are kept", async () => {
  const { folder, knowledge } = await start();
  await writeFile(join(folder, "C# Guide 100%.md"), "# Guide\n\nThe tapir swims well.\n");
  await writeFile(join(folder, "README"), "The numbat eats termites.\n");
  await writeFile(join(folder, "broken.pdf"), "just words");
  await writeFile(join(folder, "photo.png"), Buffer.from("89504e470d0a1a0a00000000", "hex"));
  const files = ["C# Guide 100%.md", "README", "broken.pdf", "photo.png"];
  const added = await knowledge(["add", ...files, ...withKey]);
  expect(added.code, added.stderr).toBe(8);
  expect(added.stderr).toContain("2 of 4 files read, 2 failed");
  expect(added.stderr).toMatch(/ {2}broken\.pdf: broken\.pdf is no PDF/);
  expect(added.stderr).toMatch(/ {2}photo\.png: photo\.png is no text/);
  const again = await knowledge(["add", "broken.pdf", "--json", ...withKey]);
  expect([again.code, JSON.parse(again.stdout)]).toEqual([
    8,
    [
      expect.objectContaining({
        state: "incomplete",
        problems: { failed: 2, partial: 0, skipped: 0 },
        notRead: [{ address: "broken.pdf", kind: "failed", note: expect.any(String), notedAt: expect.any(String) }],
      }),
    ],
  ]);
  expect((await knowledge(["sources", ...withKey])).stdout).toMatch(/files\s+2\s+incomplete, 2 failed/);
  await writeFile(join(folder, "broken.pdf"), "<!doctype html><p>Mended.</p>");
  await writeFile(join(folder, "photo.png"), "words");
  const mended = await knowledge(["add", "broken.pdf", "photo.png", ...withKey]);
  expect(mended.code, mended.stderr).toBe(0);
});
