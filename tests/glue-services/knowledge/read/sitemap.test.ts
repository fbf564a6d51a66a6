import { Worker } from "node:worker_threads";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { readLinks, readSitemap } from "../../../../glue-services/knowledge/read/addresses.ts";

const urls = (count: number, text = "") =>
  Array.from(
    { length: count },
    (_, at) => `<url><loc>https://example.com/p/${at}${text}</loc><lastmod>2026-01-01</lastmod></url>`,
  ).join("\n");
const sitemap = (inner: string) =>
  `<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">${inner}</urlset>`;
const read = (text: string | Buffer) => readSitemap(Buffer.from(text as string));

test("a sitemap is scanned for its pages and further maps: XML with prefixes and CDATA, lines, packed", async () => {
  expect(
    await read(
      sitemap(
        "<url><loc> https://example.com/a?x=1&amp;y=2 </loc><image:image><image:loc>https://example.com/p.png</image:loc></image:image></url><url><loc><![CDATA[https://example.com/b]]></loc></url>",
      ),
    ),
  ).toEqual({
    addresses: ["https://example.com/a?x=1&y=2", "https://example.com/b"],
    maps: [],
  });
  expect(
    await read("<s:sitemapindex><s:sitemap><s:loc>https://example.com/m.xml</s:loc></s:sitemap></s:sitemapindex>"),
  ).toEqual({
    addresses: [],
    maps: ["https://example.com/m.xml"],
  });
  expect((await read("https://example.com/a\r\nnot one\nhttps://example.com/b")).addresses).toEqual([
    "https://example.com/a",
    "https://example.com/b",
  ]);
  expect((await read(gzipSync(sitemap(urls(3))))).addresses).toHaveLength(3);
  for (const none of [
    "",
    "<",
    "<urlset><url><loc>",
    "<loc>https://example.com/</loc>",
    "<html><body>no</body></html>",
  ]) {
    expect([none, (await read(none)).addresses]).toEqual([none, []]);
  }
});

test("a sitemap names no more than its bounds, however it is made", async () => {
  expect((await read(sitemap(urls(60_000)))).addresses).toHaveLength(50_000);
  expect(
    (await read(sitemap(`<url><loc>https://example.com/${"a".repeat(5_000_000)}</loc></url>${urls(1)}`))).addresses,
  ).toEqual(["https://example.com/p/0"]);
  const bomb = gzipSync(
    Buffer.concat([Buffer.from(sitemap(urls(2)).replace("</urlset>", "")), Buffer.alloc(120 * 1024 * 1024, "<a/>")]),
  );
  expect(bomb.length).toBeLessThan(1_000_000);
  expect((await read(bomb)).addresses).toHaveLength(2);
});

test("a sitemap of ten megabytes is read by a thread of 64 MiB", async () => {
  const body = Buffer.from(sitemap(urls(45_000, `/${"long-name-".repeat(15)}`)));
  expect(body.length).toBeGreaterThan(10_000_000);
  const module = new URL("../../../../glue-services/knowledge/read/addresses.ts", import.meta.url).href;
  const worker = new Worker(
    `const { parentPort, workerData } = require("node:worker_threads");
     import(${JSON.stringify(module)}).then(async ({ readSitemap }) => parentPort.postMessage((await readSitemap(workerData)).addresses.length));`,
    { eval: true, workerData: body, resourceLimits: { maxOldGenerationSizeMb: 64 } },
  );
  const count = await new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));
  expect(count).toBe(45_000);
  await worker.terminate();
});

test("links of an llms.txt are found, and brackets without an end cost nothing", () => {
  const found = (text: string) => readLinks(Buffer.from(text), "https://example.com/docs/llms.txt").addresses;
  expect(found('- [Guide](guide.md): how\n- [API](</api.md> "x")')).toEqual([
    "https://example.com/docs/guide.md",
    "https://example.com/api.md",
  ]);
  expect(found("[".repeat(2_000_000))).toEqual([]);
});
