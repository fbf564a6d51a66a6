import { expect, test } from "vitest";
import { readHtml } from "../../../glue-services/knowledge/read/html.ts";
import { readBytes } from "../../../glue-services/knowledge/read/read.ts";
import type { SourceTold } from "../../../glue-services/knowledge/schemas.ts";
import { startHub } from "./knowledge.ts";
import { zip } from "./made-files.ts";
import { html, startSite } from "./site.ts";

// What users of other knowledge bases reported in public, each by the smallest file or site that shows it.

const read = (name: string, bytes: Buffer, media = "") => readBytes({ name, media, charset: undefined, bytes });

/** A container of old Office with one stream's name in its directory, as far as that tells what it is. */
function ole(stream: string): Buffer {
  const bytes = Buffer.alloc(1536);
  Buffer.from("d0cf11e0a1b11ae1", "hex").copy(bytes);
  bytes.write(stream, 1024, "utf16le");
  return bytes;
}

/** How OpenDocument and EPUB begin: their type, as the first file, which is not compressed. */
function stored(type: string): Buffer {
  const head = Buffer.alloc(30);
  head.write("PK\u0003\u0004", "latin1");
  head.writeUInt32LE(type.length, 18);
  head.writeUInt32LE(type.length, 22);
  head.writeUInt16LE("mimetype".length, 26);
  return Buffer.concat([head, Buffer.from(`mimetype${type}`)]);
}

const archive = (...names: string[]) => zip(names.map((name) => ({ name, data: Buffer.from("<x/>") })));

test("a file named .docx that is something else is told by its content: a web page is read, old Word and RTF are refused by name", async () => {
  const page = Buffer.from("<html><body><h1>Minutes</h1><p>The wombat sleeps.</p></body></html>");
  expect((await read("minutes.docx", page)).content).toContain("The wombat sleeps.");
  await expect(read("old.docx", ole("WordDocument"))).rejects.toThrow("old.docx is an old Word document (.doc)");
  await expect(read("old.doc", ole("WordDocument"))).rejects.toThrow("old.doc is an old Word document (.doc)");
  await expect(read("secret.docx", ole("EncryptedPackage"))).rejects.toThrow("secret.docx is locked by a password");
  for (const name of ["rich.docx", "rich.rtf", "rich.doc", "rich.txt"]) {
    await expect(read(name, Buffer.from("{\\rtf1\\ansi The wombat.}"))).rejects.toThrow(`${name} is rich text (RTF)`);
  }
});

test("spreadsheets, slides and open documents are refused by what they are, with the way to have them read", async () => {
  for (const [name, bytes, what] of [
    ["sums.xlsx", archive("[Content_Types].xml", "xl/workbook.xml"), "is an Excel workbook"],
    ["talk.pptx", archive("[Content_Types].xml", "ppt/presentation.xml"), "is a PowerPoint presentation"],
    ["sums.xls", ole("Workbook"), "is an old Excel workbook (.xls)"],
    ["talk.ppt", ole("PowerPoint Document"), "is an old PowerPoint presentation (.ppt)"],
    ["letter.odt", stored("application/vnd.oasis.opendocument.text"), "is an OpenDocument file"],
    ["sums.ods", stored("application/vnd.oasis.opendocument.spreadsheet"), "is an OpenDocument file"],
    ["sums.docx", archive("[Content_Types].xml", "xl/workbook.xml"), "is an Excel workbook"],
    ["book.epub", stored("application/epub+zip"), "is an EPUB book"],
  ] as const) {
    const error = (await read(name, bytes).catch((cause: unknown) => cause)) as { message: string; hint: string };
    expect(error.message).toContain(`${name} ${what}`);
    expect(error.hint).toMatch(/Save it as \.|Export it as /);
  }
});

test("pipes in cells and in code of cells, and several blocks in a cell, leave each row its cells", () => {
  const rows = (table: string) =>
    readHtml(`<!doctype html><html><head><title>T</title></head><body>${table}</body></html>`, "https://a.example/")
      .content.split("\n")
      .filter((line) => line.startsWith("|"));
  const cells = (line: string) => line.split(/(?<!\\)\|/).length - 2;
  const row = (first: string) =>
    rows(
      `<table><tr><th>what</th><th>means</th></tr><tr><td>${first}</td><td>right</td></tr><tr><td>x</td><td>y</td></tr></table>`,
    );
  for (const first of [
    "a | b",
    "<code>a | b</code>",
    "<code>a || b</code> or <code>|</code>",
    "<pre>ls | wc\nps | wc</pre>",
    "<p>one</p><p>two | three</p><ul><li>four</li><li>five</li></ul>",
    "<blockquote><p>one</p></blockquote><div>two</div>",
    "a<br>b<br><br>c",
    "back\\slash\\| pipe",
    "<a href='/x|y'>link | text</a>",
    "<b>bold | text</b>",
  ]) {
    const found = row(first);
    expect([first, found.length, found.map(cells)]).toEqual([first, 4, [2, 2, 2, 2]]);
    expect([first, found[2]]).toEqual([first, expect.stringMatching(/\| right +\|$/)]);
  }
});

test("a page is kept once, with and without its last slash, with marks of campaigns and with places in it", async () => {
  const page = html("Guide", "The pangolin rolls up.");
  const site = await startSite({
    "/": html("Start", "Welcome.", ["/guide", "/guide/", "/guide?utm_source=x", "/guide/?fbclid=1#top", "/guide#a"]),
    "/guide": page,
    "/guide/": page,
  });
  const hub = await startHub({ allow: [site.host] });
  const body = { kind: "site", address: site.url, settings: { delayMs: 0 } };
  const { id } = await hub.ask<SourceTold>("POST", "/sources", body);
  await expect.poll(async () => (await hub.ask<SourceTold>("GET", `/sources/${id}`)).run?.state).toBe("done");
  const pages = await hub.ask<{ address: string }[]>("GET", `/sources/${id}/pages`);
  expect(pages).toHaveLength(2);
  expect(site.asked.filter((path) => /utm|fbclid|#/.test(path))).toEqual([]);
  expect(await hub.hits("pangolin", { mode: "words" })).toHaveLength(1);
});
