import { expect, test } from "vitest";
import { readBytes } from "../../../../glue-services/knowledge/read/read.ts";

/** A PDF of these pages, each a content stream, with one font. */
function pdf(streams: readonly (Buffer | string)[], font: string, more: readonly string[] = []): Buffer {
  const kids = streams.map((_, at) => `${5 + more.length + at * 2} 0 R`).join(" ");
  const objects: (string | Buffer)[] = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    `<< /Type /Pages /Kids [${kids}] /Count ${streams.length} >>`,
    font,
    "null",
    ...more,
    ...streams.flatMap((stream, at) => [
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 200] /Contents ${6 + more.length + at * 2} 0 R /Resources << /Font << /F1 3 0 R >> >> >>`,
      Buffer.concat([
        Buffer.from(`<< /Length ${stream.length} >>\nstream\n`),
        Buffer.from(stream as string),
        Buffer.from("\nendstream"),
      ]),
    ]),
  ];
  const parts = [Buffer.from("%PDF-1.4\n")];
  for (const [at, object] of objects.entries()) {
    parts.push(Buffer.from(`${at + 1} 0 obj\n`), Buffer.from(object as string), Buffer.from("\nendobj\n"));
  }
  return Buffer.concat([...parts, Buffer.from("trailer << /Root 1 0 R >>\n%%EOF")]);
}

const helvetica = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>";
const line = (text: string) => `BT /F1 18 Tf 40 100 Td (${text}) Tj ET`;
const read = (bytes: Buffer) => readBytes({ bytes, name: "a.pdf", media: "application/pdf" });

test("text in fonts whose character map the PDF only names is read: Chinese, Japanese, Korean", async () => {
  for (const [encoding, ordering, hex, text] of [
    ["GBK-EUC-H", "GB1", "cdcbbfeec6dacfde", "退款期限"],
    ["90ms-RKSJ-H", "Japan1", "938c8b9e82cc", "東京の"],
    ["UniJIS-UCS2-H", "Japan1", "67714eac306e", "東京の"],
    ["KSCms-UHC-H", "Korea1", "c8afbad2", "환불"],
    ["ETen-B5-H", "CNS1", "b0a8b4b8", "馬湖"],
  ]) {
    const font = "<< /Type /Font /Subtype /Type0 /BaseFont /Any /Encoding /ENC /DescendantFonts [5 0 R] >>".replace(
      "ENC",
      encoding as string,
    );
    const descendant = `<< /Type /Font /Subtype /CIDFontType0 /BaseFont /Any /CIDSystemInfo << /Registry (Adobe) /Ordering (${ordering}) /Supplement 0 >> /DW 1000 >>`;
    const bytes = pdf([`BT /F1 18 Tf 40 100 Td <${hex}> Tj ET`], font, [descendant]);
    const { content } = await read(bytes);
    if (encoding === "ETen-B5-H") expect(content).toMatch(/## Page 1\n\n\p{Script=Han}{2}$/u);
    else expect([encoding, content]).toEqual([encoding, `## Page 1\n\n${text}`]);
  }
});

test("pages without text are named in a note, and a PDF of nothing but such is refused", async () => {
  const told = await read(pdf([line("First."), "", line("Third."), "", ""], helvetica));
  expect([told.content, told.notes]).toEqual([
    "## Page 1\n\nFirst.\n\n## Page 3\n\nThird.",
    ["Pages 2, 4-5 have no text: pictures are not read."],
  ]);
  expect((await read(pdf([line("All.")], helvetica))).notes ?? []).toEqual([]);
  await expect(read(pdf(["", ""], helvetica))).rejects.toThrow("a.pdf has no text");
});
