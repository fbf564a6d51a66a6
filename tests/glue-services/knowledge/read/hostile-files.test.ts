import { afterAll, describe, expect, test } from "vitest";
import { openReader } from "../../../../glue-services/knowledge/read/reader.ts";
import { docx, wordDocument, zip } from "../made-files.ts";

// Files that are small and ask for more than they are. Each is read by a reader that reads the next one, too.

const reader = openReader({ memory: 256, time: 120_000 });
afterAll(() => reader.close());

const outcome = (name: string, body: string | Buffer, media = "") =>
  reader.read({ bytes: Buffer.from(body), media, name }, "somebody").then(
    ({ content }) => content,
    (error: Error) => error.message,
  );

const word = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"';
const cell = (text: string) => `<w:p><w:r><w:t>${text}</w:t></w:r></w:p>`;

const nest = (deep: number) => `${"<w:tbl><w:tr><w:tc>".repeat(deep)}<w:p/>${"</w:tc></w:tr></w:tbl>".repeat(deep)}`;

/** A document with parts that are what they are given as. */
function document(xml: string): Buffer {
  const types = "http://schemas.openxmlformats.org/package/2006/content-types";
  const relations = "http://schemas.openxmlformats.org/package/2006/relationships";
  const office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument";
  return zip([
    {
      name: "[Content_Types].xml",
      data: Buffer.from(`<Types xmlns="${types}"><Default Extension="xml" ContentType="application/xml"/></Types>`),
    },
    {
      name: "_rels/.rels",
      data: Buffer.from(
        `<Relationships xmlns="${relations}"><Relationship Id="r" Type="${office}" Target="word/document.xml"/></Relationships>`,
      ),
    },
    { name: "word/document.xml", data: Buffer.from(xml) },
  ]);
}

/** Entities that double their work with each letter: a few hundred bytes that say a terabyte. */
function laughs(): string {
  const letters = [..."bcdefghijklm"];
  const entities = letters.map((name, at) => `<!ENTITY ${name} "${`&${"abcdefghijkl"[at]};`.repeat(10)}">`).join("");
  return `<!DOCTYPE x [<!ENTITY a "ha">${entities}]><w:document ${word}><w:body>${cell("&m;")}</w:body></w:document>`;
}

function nested(): Buffer {
  let inner = docx("Inner", "The emu runs.");
  for (let at = 0; at < 20; at++) inner = zip([{ name: "word/document.xml", data: inner }]);
  return inner;
}

/** A directory that names the same ten megabytes over and over. */
function overlapping(): Buffer {
  const whole = zip([{ name: "word/document.xml", data: Buffer.alloc(10 * 1024 * 1024, " ") }]);
  const from = whole.indexOf("PK\u0001\u0002", 0, "latin1");
  const to = whole.indexOf("PK\u0005\u0006", 0, "latin1");
  const entry = whole.subarray(from, to);
  const end = Buffer.from(whole.subarray(to));
  end.writeUInt16LE(1500, 8);
  end.writeUInt16LE(1500, 10);
  end.writeUInt32LE(entry.length * 1500, 12);
  return Buffer.concat([whole.subarray(0, from), ...Array.from({ length: 1500 }, () => entry), end]);
}

function pdf(objects: readonly string[]): Buffer {
  const body = objects.map((one, at) => `${at + 1} 0 obj ${one} endobj\n`).join("");
  return Buffer.from(`%PDF-1.4\n${body}trailer << /Root 1 0 R /Size ${objects.length + 1} >>\n%%EOF\n`);
}

const picture = Buffer.concat([Buffer.from("89504e470d0a1a0a0000000d49484452", "hex"), Buffer.alloc(200_000, 7)]);
const refused = /unpacks to more than|is no|nested too deep|needs more memory|took longer|has no text/;

describe("a file that asks for more than it is", () => {
  test.each<[string, () => Buffer | string, string?]>([
    [
      "entries.docx",
      () => zip(Array.from({ length: 5000 }, (_, at) => ({ name: `${at}.xml`, data: Buffer.alloc(0) }))),
    ],
    ["nested.docx", nested],
    ["overlapping.docx", overlapping],
    ["laughs.docx", () => document(laughs())],
    ["deep.docx", () => document(`<w:document ${word}><w:body>${nest(30_000)}</w:body></w:document>`)],
    ["loop.pdf", () => pdf(["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 9 >>"])],
    ["count.pdf", () => pdf(["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [] /Count 999999999 >>"])],
    ["picture.md", () => picture],
    ["picture.txt", () => picture, "text/plain"],
    ["zeros.txt", () => Buffer.alloc(1_000_000)],
    ["tables.html", () => `${"<table><tr><td>".repeat(5000)}words`],
    ["notebook.ipynb", () => '{"cells":['.repeat(50_000)],
  ])("%s is refused in words, and the next file is read", async (name, make, media) => {
    expect(await outcome(name, make(), media)).toMatch(refused);
    expect(await outcome("light.txt", "The emu runs.")).toBe("The emu runs.");
  });

  test.each<[string, () => Buffer | string]>([
    [
      "html page",
      () => `<table>${'<tr><td colspan="1000000000" rowspan="1000000000">wide</td></tr>'.repeat(1000)}</table>`,
    ],
    ["page of rows", () => `<table>${'<tr><td rowspan="65534">wide</td></tr>'.repeat(3000)}</table>`],
    [
      "document",
      () =>
        wordDocument(
          `<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="1000000000"/></w:tcPr>${cell("wide")}</w:tc><w:tc>${cell("b")}</w:tc></w:tr></w:tbl>`,
        ),
    ],
  ])("cells of a table that span a thousand million columns are read as cells: %s", async (kind, make) => {
    const text = await outcome(kind === "document" ? "wide.docx" : "wide.html", make());
    expect(text).toContain("wide");
    expect(text.length).toBeLessThan(100_000);
  });

  test.each<[string, () => string]>([
    ["quotes", () => `${">".repeat(100_000)} deep`],
    ["brackets", () => "[".repeat(100_000)],
    ["links", () => "[a](".repeat(50_000)],
    ["emphasis", () => "*a _b ".repeat(50_000)],
    ["columns", () => `${"|a".repeat(50_000)}|\n${"|-".repeat(50_000)}|\n${"|b".repeat(50_000)}|`],
    ["addresses", () => `${"a@".repeat(50_000)} ${"http://".repeat(30_000)} ${"www.".repeat(30_000)}`],
    ["tags", () => `${"<a ".repeat(60_000)}\n${"<!--".repeat(30_000)}`],
  ])("Markdown of nothing but %s is text", async (_, make) => {
    expect((await outcome("odd.md", make())).length).toBeGreaterThan(90_000);
  });
});
