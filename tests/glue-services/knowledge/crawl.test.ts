import { gzipSync } from "node:zlib";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { SourceTold } from "../../../glue-services/knowledge/schemas.ts";
import { type Hub, type HubOptions, startHub } from "./knowledge.ts";
import { html, type Site, startSite } from "./site.ts";

/** A hub that may read these sites; what is crawled is found by words, which needs no model. */
async function hubFor(sites: readonly Site[], options: HubOptions = {}): Promise<Hub> {
  return startHub({ allow: sites.map(({ host }) => host), ...options });
}

async function ended(hub: Hub, id: string): Promise<SourceTold> {
  let source: SourceTold | undefined;
  await expect
    .poll(
      async () => {
        source = await hub.ask<SourceTold>("GET", `/sources/${id}`);
        return source.run?.state;
      },
      { interval: 50 },
    )
    .toMatch(/done|failed|cancelled/);
  return source as SourceTold;
}

async function crawl(hub: Hub, address: string, settings: object = {}): Promise<SourceTold> {
  const body = { kind: "site", address, settings: { delayMs: 0, ...settings } };
  return ended(hub, (await hub.ask<SourceTold>("POST", "/sources", body)).id);
}

async function addresses(hub: Hub, source: SourceTold): Promise<string[]> {
  const pages = await hub.ask<{ address: string }[]>("GET", `/sources/${source.id}/pages`);
  return pages.map(({ address }) => new URL(address).pathname + new URL(address).search);
}

describe("reading a site", () => {
  test("follows links below its address, in its robots' bounds, and cites the page", async () => {
    const site = await startSite({
      "/robots.txt": "User-agent: *\nDisallow: /docs/private",
      "/docs/": html("Start", "Welcome to the manual.", [
        "/docs/a",
        "b.html?utm_source=x#part",
        "/docs/private/x",
        "/elsewhere",
        "http://example.com/",
      ]),
      "/docs/a": html("Alpha", "The capybara swims well.", ["/docs/", "/docs/gone"]),
      "/docs/b.html": html("Beta", "The okapi walks at night.", ["/docs/print", "/docs/picture.png"]),
      "/docs/print": html("Beta", "The okapi walks at night.", [], '<link rel="canonical" href="/docs/b.html">'),
    });
    const hub = await hubFor([site]);
    const source = await crawl(hub, `${site.url}/docs/`);
    expect(source.run).toMatchObject({ state: "done", read: 3, failed: 0 });
    expect(await addresses(hub, source)).toEqual(["/docs/", "/docs/a", "/docs/b.html"]);
    expect(site.asked.filter((path) => /private|elsewhere|png|utm/.test(path))).toEqual([]);
    const [hit] = await hub.hits("okapi");
    expect(hit?.citation.page).toMatchObject({ title: "Beta", address: `${site.url}/docs/b.html` });
    expect(hit?.content).not.toMatch(/menu of the site|imprint/);
  });

  test("reads llms-full.txt instead of the pages, and goes by llms.txt and the sitemap where there is none", async () => {
    const full = await startSite({
      "/llms-full.txt": "# Widget\n\n## Install\n\nRun the quokka installer.",
      "/": html("W", "x", ["/a"]),
    });
    const index = await startSite({
      "/llms.txt": "# Gadget\n\n- [Guide](/guide.md): how to\n",
      "/guide.md": "# Guide\n\nTurn the axolotl knob.",
      "/sitemap.xml": "<urlset><url><loc>PLACE/mapped</loc></url></urlset>",
      "/mapped": html("Mapped", "Only the sitemap knows the numbat."),
      "/": html("Home", "Gadget's page."),
    });
    index.pages["/sitemap.xml"] = `<urlset><url><loc>${index.url}/mapped</loc></url></urlset>`;
    const hub = await hubFor([full, index]);
    expect(await addresses(hub, await crawl(hub, full.url))).toEqual(["/llms-full.txt"]);
    expect(full.asked).not.toContain("/a");
    expect(await addresses(hub, await crawl(hub, index.url))).toEqual(["/", "/guide.md", "/mapped"]);
    expect((await hub.hits("axolotl"))[0]?.heading).toBe("Guide");
  });

  test("asks again only for what has changed, keeps the pieces that have not, and forgets what is gone", async () => {
    let version = 1;
    const site = await startSite({
      "/": html("Home", "Begin here.", ["/steady", "/moving", "/leaving"]),
      "/steady": (request, response) => {
        if (request.headers["if-none-match"] === '"v1"') return void response.writeHead(304).end();
        response.writeHead(200, { "content-type": "text/html", etag: '"v1"' }).end(html("Steady", "Always the same."));
      },
      "/moving": (_request, response) =>
        void response.end(
          html("Moving", `Now at version ${version}.</p><h2>Rest</h2><p>${"This part stays as it is. ".repeat(20)}`),
        ),
      "/leaving": html("Leaving", "Soon gone."),
    });
    const hub = await hubFor([site]);
    const source = await crawl(hub, site.url);
    const chunks = async () =>
      (await hub.owner.query("select id from knowledge.chunk order by id")).rows.map(({ id }) => id as string);
    const before = await chunks();
    version = 2;
    delete site.pages["/leaving"];
    await hub.ask("POST", `/sources/${source.id}/read`);
    const again = await ended(hub, source.id);
    expect(again.run).toMatchObject({ state: "done", read: 1, unchanged: 2, skipped: 1, removed: 1 });
    expect(await addresses(hub, again)).toEqual(["/", "/moving", "/steady"]);
    const after = await chunks();
    expect(after.filter((id) => before.includes(id))).toHaveLength(before.length - 2);
    expect((await hub.hits("version"))[0]?.content).toContain("version 2");
  });

  test("same-domain sources do not overwrite each other (Archon #291)", async () => {
    const site = await startSite({
      "/one/": html("One", "The first manual mentions the tapir."),
      "/one/more": html("More", "More of the first manual mentions the tapir."),
      "/two/": html("Two", "The second manual mentions the tapir too."),
    });
    const hub = await hubFor([site]);
    const [one, two] = [await crawl(hub, `${site.url}/one/`), await crawl(hub, `${site.url}/two/`)];
    const below = await crawl(hub, `${site.url}/one/more`);
    expect(await hub.hits("tapir")).toHaveLength(3);
    expect(await hub.hits("tapir", { source: two.id })).toHaveLength(1);
    await hub.ask("DELETE", `/sources/${one.id}`);
    expect(await addresses(hub, below)).toEqual(["/one/more"]);
    expect(await addresses(hub, two)).toEqual(["/two/"]);
  });

  test("is cancelled in the middle, and what was read stays", async () => {
    const links = Array.from({ length: 40 }, (_, i) => `/p${i}`);
    // A few pages are answered, the others not before the test has cancelled the reading.
    const { promise: cancelled, resolve: goOn } = Promise.withResolvers<void>();
    let asked = 0;
    const site = await startSite({ "/": html("Home", "Begin.", links) }, async ({ url = "" }, response) => {
      if (url.startsWith("/p") && ++asked > 5) await cancelled;
      response.end(html("Page", `Slow, about the kiwi ${url}.`));
    });
    const other = await startSite({ "/": html("Other", "Something else.") });
    const hub = await hubFor([site, other]);
    const { id } = await hub.ask<SourceTold>("POST", "/sources", {
      kind: "site",
      address: site.url,
      settings: { delayMs: 0 },
    });
    // Three are asked for at once, and none of these is answered.
    await expect.poll(() => asked).toBe(8);
    await expect.poll(async () => (await hub.ask<SourceTold>("GET", `/sources/${id}`)).pages).toBe(6);
    expect((await hub.answer("POST", `/sources/${id}/read`)).status).toBe(409);
    await hub.ask("POST", `/sources/${id}/cancel`);
    goOn();
    // A reading that begins after it has ended shows that nothing of it goes on.
    await crawl(hub, other.url);
    const source = await hub.ask<SourceTold>("GET", `/sources/${id}`);
    expect(source.run?.state).toBe("cancelled");
    // Those that were on their way may have come before it was noticed; of the forty no others were asked for.
    expect(asked).toBeLessThan(15);
    expect(source.pages).toBeGreaterThanOrEqual(6);
    expect(source.pages).toBeLessThanOrEqual(asked + 1);
    expect((await hub.answer("POST", `/sources/${id}/cancel`)).status).toBe(409);
  });

  test("an organisation's live pages hear how far a reading is", async () => {
    const site = await startSite({
      "/": html("Home", "Begin.", ["/a", "/b"]),
      "/a": html("A", "a"),
      "/b": html("B", "b"),
    });
    const hub = await hubFor([site]);
    const heard: unknown[] = [];
    const { publish } = hub.app.live;
    hub.app.live.publish = (topic, data, to) => {
      heard.push([topic, data, to?.organisation]);
      publish(topic, data, to);
    };
    const source = await crawl(hub, site.url);
    expect(heard).toContainEqual(["knowledge", { source: source.id }, hub.me.identity.organisation]);
    expect(heard.length).toBeGreaterThan(2);
  });
});

describe("what a site's pages say of themselves", () => {
  test("a first page that sends its readers elsewhere is followed within the site, and not out of it", async () => {
    const site = await startSite({
      "/": '<meta http-equiv="refresh" content="0; url=/docs/v2/intro">Moved',
      "/docs/v2/intro": html("Intro", "The okapi walks at night."),
    });
    const away = await startSite({
      "/": `<meta http-equiv="refresh" content="0; url=${site.url}/docs/v2/intro">Moved away`,
    });
    const hub = await hubFor([site, away]);
    expect(await addresses(hub, await crawl(hub, site.url))).toEqual(["/docs/v2/intro"]);
    expect(await addresses(hub, await crawl(hub, away.url))).toEqual(["/"]);
  });

  test("a page that names another as its own is a copy only where the text there is the same", async () => {
    const canonical = (href: string) => `<link rel="canonical" href="${href}">`;
    const site = await startSite({
      "/": html("Home", "Begin here.", ["/wombat", "/print?of=quoll", "/lost"]),
      // A site that names its first page on all others.
      "/wombat": html("Wombat", "The wombat digs.", [], canonical("/")),
      // The one it names is linked nowhere else.
      "/print?of=quoll": html("Quoll", "The quoll hunts.", [], canonical("/quoll")),
      "/quoll": html("Quoll", "The quoll hunts.", [], canonical("/quoll")),
      "/lost": html("Lost", "The numbat eats.", [], canonical("/gone")),
    });
    const hub = await hubFor([site]);
    const source = await crawl(hub, site.url);
    expect(source.run).toMatchObject({ state: "done", read: 4, failed: 0 });
    expect(await addresses(hub, source)).toEqual(["/", "/lost", "/quoll", "/wombat"]);
    expect((await hub.hits("wombat"))[0]?.citation.page.address).toBe(`${site.url}/wombat`);
  });

  test("pages of one text, as a site answers wrong addresses with, are kept once and take no place of others", async () => {
    const wrong = Array.from({ length: 12 }, (_, at) => `/wrong-${String.fromCharCode(97 + at)}`);
    const site = await startSite(
      {
        "/": html("Home", "Begin.", [...wrong, "/more"]),
        "/more": html("More", "Further pages.", ["/okapi", "/dugong"]),
        "/okapi": html("Okapi", "The okapi walks."),
        "/dugong": html("Dugong", "The dugong swims."),
        ...{ "/robots.txt": "", "/llms.txt": "", "/llms-full.txt": "", "/sitemap.xml": "" },
      },
      (_request, response) => void response.end(html("Sorry", "There is no such page here.")),
    );
    const hub = await hubFor([site]);
    const source = await crawl(hub, site.url, { maxPages: 14 });
    expect(await addresses(hub, source)).toEqual([
      "/",
      "/dugong",
      "/more",
      "/okapi",
      expect.stringMatching(/^\/wrong-/),
    ]);
    expect(await hub.hits("sorry", { mode: "words" })).toHaveLength(1);
  });

  test("a run whose pages were all left out says why, and its source is not ready", async () => {
    const site = await startSite({ "/robots.txt": "User-agent: *\nDisallow: /", "/": html("Home", "Begin.") });
    const hub = await hubFor([site]);
    const source = await crawl(hub, site.url);
    expect(source).toMatchObject({
      state: "incomplete",
      problems: { failed: 0, skipped: 1 },
      run: { state: "done", note: expect.stringContaining("robots.txt asks for it not to be read.") },
    });
    const problems = await hub.ask("GET", `/sources/${source.id}/problems`);
    expect(problems).toEqual([
      {
        address: `${site.url}/`,
        kind: "skipped",
        note: "robots.txt asks for it not to be read.",
        notedAt: expect.any(String),
      },
    ]);
  });
});

describe("crawl traps", () => {
  test("an endless calendar ends at its kind's limit, and the rest of the site is read", async () => {
    const site = await startSite(
      { "/": html("Home", "Begin.", ["/calendar?day=1", "/about"]), "/about": html("About", "The dugong.") },
      (request, response) => {
        const day = Number(new URL(request.url ?? "", "http://x").searchParams.get("day"));
        response.end(
          html(`Day ${day}`, `Nothing on day ${day}.`, [
            `/calendar?day=${day + 1}`,
            `/calendar?day=${day + 2}`,
            `/calendar?day=${day + 3}`,
          ]),
        );
      },
    );
    const hub = await hubFor([site]);
    const source = await crawl(hub, site.url, { maxPages: 5000, maxDepth: 50 });
    expect(source.run?.state).toBe("done");
    expect(source.pages).toBeGreaterThan(20);
    expect(source.pages).toBeLessThan(65);
    expect(await hub.hits("dugong")).toHaveLength(1);
  });

  test("relative links that nest for ever, and redirects in a ring, end", async () => {
    const site = await startSite(
      {
        "/": html("Home", "Begin.", ["a/", "/ring1"]),
        "/ring1": (_request, response) => void response.writeHead(302, { location: "/ring2" }).end(),
        "/ring2": (_request, response) => void response.writeHead(302, { location: "/ring1" }).end(),
        "/robots.txt": "",
        "/llms.txt": "",
        "/llms-full.txt": "",
        "/sitemap.xml": "",
      },
      (_request, response) => void response.end(html("Nested", "Deeper.", ["b/", "a/"])),
    );
    const hub = await hubFor([site]);
    const source = await crawl(hub, site.url, { maxDepth: 50 });
    expect(source.run).toMatchObject({ state: "done", failed: 1 });
    expect(source.pages).toBeLessThan(200);
  });

  test("a page without end, one that unpacks to a gigabyte, and one that drips are given up, not waited for", async () => {
    const drip = (response: import("node:http").ServerResponse) => {
      const timer = setInterval(() => response.write("<p>drip</p>"), 200);
      response.on("close", () => clearInterval(timer));
    };
    const site = await startSite({
      "/": html("Home", "Begin.", ["/endless", "/bomb", "/drip", "/good"]),
      "/endless": (_request, response) => {
        const more = () => {
          while (!response.destroyed && response.write("x".repeat(65_536))) {}
        };
        response.on("drain", more);
        more();
      },
      "/bomb": (_request, response) => void response.writeHead(200, { "content-encoding": "gzip" }).end(bomb),
      "/drip": (_request, response) => drip(response),
      "/good": html("Good", "The potoroo is small."),
    });
    const times = heldDeadlines(30_001);
    const hub = await hubFor([site], { fetchTime: 30_001 });
    const source = await hub.ask<SourceTold>("POST", "/sources", {
      kind: "site",
      address: site.url,
      settings: { delayMs: 0 },
    });
    await expect.poll(async () => (await hub.hits("potoroo")).length).toBe(1);
    const notes = async () =>
      (
        await hub.owner.query(
          "select address, state, note from knowledge.frontier where note is not null order by address",
        )
      ).rows;
    await expect.poll(async () => (await notes()).length).toBe(2);
    times.pass();
    await expect.poll(async () => (await notes()).length).toBe(3);
    for (const { address, note } of await notes()) {
      expect(note, address).toMatch(address.endsWith("/drip") ? /too long/ : /larger than 8 MiB/);
    }
    await hub.ask("POST", `/sources/${source.id}/cancel`);
  });
});

/** Deadlines of this many milliseconds, which pass when the test says so. */
function heldDeadlines(ms: number): { pass(): void } {
  const held: AbortController[] = [];
  const real = AbortSignal.timeout.bind(AbortSignal);
  const spy = vi.spyOn(AbortSignal, "timeout").mockImplementation((after) => {
    if (after !== ms) return real(after);
    const deadline = new AbortController();
    held.push(deadline);
    return deadline.signal;
  });
  onTestFinished(() => spy.mockRestore());
  return {
    pass() {
      for (const deadline of held) deadline.abort(new DOMException("The time is over.", "TimeoutError"));
    },
  };
}

const bomb = gzipSync(Buffer.alloc(1024 * 1024 * 200));

describe("addresses that must not be read", () => {
  test("private networks, this machine and metadata are refused in every spelling, and it is said how to allow one", async () => {
    const hub = await hubFor([]);
    const spelled = [
      "http://127.0.0.1:1/",
      "http://localhost:1/",
      "http://169.254.169.254/latest/meta-data/",
      "http://[::1]:1/",
      "http://[::ffff:10.0.0.1]/",
      "http://0x7f000001/hex",
      "http://2130706433/decimal",
      "http://10.0.0.7/",
    ];
    const runs = await Promise.all(spelled.map(async (address) => [address, (await crawl(hub, address)).run]));
    for (const [address, run] of runs) {
      expect([address, run]).toEqual([
        address,
        expect.objectContaining({ state: "failed", note: expect.stringContaining("private network") }),
      ]);
    }
  });

  test("a redirect into the private network is refused, though the site itself may be read", async () => {
    const secret = await startSite({ "/": html("Secret", "The thylacine password.") });
    const site = await startSite({
      "/": html("Home", "Begin.", ["/hop"]),
      "/hop": (_request, response) => void response.writeHead(302, { location: `${secret.url}/` }).end(),
    });
    const hub = await hubFor([site]);
    await crawl(hub, site.url, { include: ["*"] });
    expect(await hub.hits("thylacine")).toEqual([]);
    expect(secret.asked).toEqual([]);
  });

  test("what is no web address is told at once", async () => {
    const hub = await hubFor([]);
    for (const address of [
      "file:///etc/passwd",
      "ftp://example.com/",
      "http://user:secret@example.com/",
      "ht tp://x",
    ]) {
      const { status, body } = await hub.answer("POST", "/sources", { kind: "site", address });
      expect([address, status]).toEqual([address, 400]);
      expect(JSON.stringify(body)).not.toContain("secret");
    }
  });
});
