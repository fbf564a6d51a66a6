import { describe, expect, test } from "vitest";
import { searchDocs } from "../../../glue-services/platform/docs/search.ts";
import { folderOf, platformApp, someDocs } from "./app.ts";

async function docs() {
  const app = await platformApp({ docs: await folderOf({ ...someDocs, "../outside.md": "# Outside\n\nhunter2" }) });
  return (url: string) => app.inject(url);
}

describe("the built-in documentation", () => {
  test("pages are rendered with navigation, and links between files lead to pages", async () => {
    const get = await docs();
    const { statusCode, body, headers } = await get("/docs/");
    expect(statusCode).toBe(200);
    expect(headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(body).toContain('<a href="/docs/install#ports">install</a>');
    expect(body).toContain('<a href="/docs/reference/errors">errors</a>');
    expect(body).toContain('<h2 id="commands">Commands');
    expect(body).toMatch(/<li><a href="\/docs\/" aria-current="page">DevFlow<\/a><\/li>/);
    expect((await get("/docs/reference/errors")).body).toContain('<a href="/docs/install">install</a>');
    expect((await get("/docs/install.md")).statusCode).toBe(200);
    expect((await get("/docs/install")).body).toMatch(/id="ports".*id="ports-1"/s);
    expect((await get("/docs")).headers.location).toBe("/docs/");
  });

  test("scripts in a page are text, and the policy allows none but ours", async () => {
    const get = await docs();
    const { body, headers } = await get("/docs/reference/errors");
    expect(body).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
    expect(body).not.toMatch(/<script>|href="javascript:/);
    expect(headers["content-security-policy"]).toMatch(
      /^default-src 'none'.*script-src 'self'.*frame-ancestors 'none'$/,
    );
    expect(headers["content-security-policy"]).not.toContain("unsafe");
    for (const [, address] of body.matchAll(/(?:src|href)="([^"]*)"/g)) expect(address).toMatch(/^[/#]/);
  });

  test.each([
    "/docs/../outside",
    "/docs/..%2foutside",
    "/docs/%2e%2e/outside.md",
    "/docs/....//outside",
    "/docs//etc/passwd",
    "/docs/%00",
  ])("%s leads nowhere", async (url) => {
    const { statusCode, body } = await (await docs())(url);
    expect([400, 404]).toContain(statusCode);
    expect(body).not.toContain("hunter2");
  });

  test("search finds pages that have all words, marks them, and escapes what was asked", async () => {
    const get = await docs();
    const { body } = await get("/docs/search?q=ports+taken");
    expect(body).toContain("1 page with");
    expect(body).toMatch(/<a href="\/docs\/install">Install<\/a>\s*<p>.*<mark>Ports<\/mark>/s);
    const nothing = await get(`/docs/search?q=${encodeURIComponent('<img src=x onerror=1>"')}`);
    expect(nothing.body).toContain("No page contains all of these words");
    expect(nothing.body).not.toContain("<img");
    expect((await get("/docs/search")).body).toContain("Search the docs");
    expect((await get(`/docs/search?q=${"x".repeat(201)}`)).statusCode).toBe(400);
  });

  test("any sign may be searched for, alone or in a word, on the page and by the API", async () => {
    const get = await docs();
    for (const sign of [..."!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"]) {
      for (const words of [sign, `-${sign}`, `install ${sign}`, `a${sign}b`]) {
        const q = encodeURIComponent(words);
        const answers = [await get(`/docs/search?q=${q}`), await get(`/api/platform/docs/search?q=${q}`)];
        expect([words, ...answers.map(({ statusCode }) => statusCode)]).toEqual([words, 200, 200]);
      }
    }
  });

  test("a folder without pages says so", async () => {
    const app = await platformApp({ docs: "/nowhere" });
    const { statusCode, body } = await app.inject("/docs/");
    expect(statusCode).toBe(404);
    expect(body).toContain("There is no documentation here");
  });
});

test("a search for any word that stands in the pages answers, whatever characters are in it", () => {
  const marks = [..."-_.,:;!?'\"`~@#$%^&*()[]{}<>/\\|=+", "ß", "…"];
  for (const word of marks.map((mark) => `a${mark}1`)) {
    const page = { path: "x", title: "X", section: "", source: `Before ${word.replaceAll(/[#*`|]/g, "")} after` };
    const query = page.source.split(" ")[1] as string;
    const [found] = searchDocs([page], query);
    expect(found?.excerpt.filter(({ match }) => match).map(({ text }) => text)).toEqual([query]);
  }
});
