import { expect, test } from "vitest";
import { readPage } from "../../../../glue-services/knowledge/read/work.ts";
import { wordDocument } from "../made-files.ts";

const run = (text: string) => `<w:r><w:t xml:space="preserve">${text}</w:t></w:r>`;
const paragraph = (...runs: string[]) => `<w:p>${runs.join("")}</w:p>`;
const cell = (inner: string) => `<w:tc>${inner}</w:tc>`;
/** A content control around whatever it holds. */
const control = (inner: string) =>
  `<w:sdt><w:sdtPr><w:alias w:val="D"/><w:text/></w:sdtPr><w:sdtContent>${inner}</w:sdtContent></w:sdt>`;
const textBox = (inner: string) =>
  `<w:r><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml"><v:textbox><w:txbxContent>${inner}</w:txbxContent></v:textbox></v:shape></w:pict></w:r>`;

const word: [string, string, string[]][] = [
  ["docling#3923", paragraph(run("Before "), control(run("HELD")), run(" after.")), ["Before HELD after."]],
  ["docling#3950", control(paragraph(run("Cover title")) + paragraph("<w:r><w:drawing/></w:r>")), ["Cover title"]],
  ["pandoc#4415", control(control(paragraph(run("Postnummer")))), ["Postnummer"]],
  [
    "pandoc#4190",
    `<w:tbl><w:tr>${cell(paragraph(run("c1")))}${control(cell(paragraph(run("c2"))))}</w:tr></w:tbl>`,
    ["c1", "c2"],
  ],
  [
    "all2md#487",
    `<w:tbl><w:tr>${cell(paragraph(run("head")))}</w:tr>${control(`<w:tr>${cell(paragraph(run("row")))}</w:tr>`)}</w:tbl>`,
    ["head", "row"],
  ],
  ["mammoth.js#32", paragraph(run("T "), textBox(paragraph(run("boxed")))), ["boxed"]],
  ["mammoth.js#10", paragraph(run("of "), `<w:smartTag>${run("France")}</w:smartTag>`, run("'s")), ["of France's"]],
];
const pages: [string, string, string[]][] = [
  ["unstructured#1543", "<body>bare<p>p test</p><p>before <br>after</p></body>", ["bare", "p test", "before", "after"]],
  ["unstructured#3850", "<ins><p>inserted</p></ins><del><p>deleted</p></del>", ["inserted", "deleted"]],
  ["unstructured#2520", "<div><h1>H</h1><pre><b>One</b> = Y<br><b>Two</b> = 1<br></pre></div>", ["One = Y\nTwo = 1"]],
  [
    "unstructured#3245",
    "<ul><li><p>First.</p>Second.<p>Third.</p>Fourth.</li></ul>",
    ["First.", "Second.", "Third.", "Fourth."],
  ],
  [
    "crawl4ai#1327",
    "<table><tr><td rowspan=2>span</td><td>one</td></tr><tr><td>two</td></tr></table>",
    ["span", "one", "two"],
  ],
];
const markdown: [string, string, string[]][] = [
  ["dify#21308", "no heading yet\n\n# t1\nbalabala\n\n## t2\nmore", ["no heading yet", "balabala", "more"]],
  [
    "dify#11828",
    "Above\n\n# apple\n\n## banana\n\n### dify\n\ni am\n\n===\n\nlol???",
    ["Above", "apple", "banana", "i am", "lol???"],
  ],
  ["dify#17399", '# V\n\n```vue\n<a-input @change="onChange"/>\n```', ['<a-input @change="onChange"/>']],
];

test.each([
  ...word.map(([report, body, wanted]) => [report, "a.docx", wordDocument(body), wanted] as const),
  ...pages.map(([report, html, wanted]) => [report, "a.html", Buffer.from(html), wanted] as const),
  ...markdown.map(([report, text, wanted]) => [report, "a.md", Buffer.from(text), wanted] as const),
])("nothing is lost of what %s lost", async (_report, name, bytes, wanted) => {
  const { pieces } = await readPage({ bytes, media: "", name });
  const all = pieces.map(({ heading, content }) => `${heading}\n${content}`).join("\n");
  for (const text of wanted) expect(all).toContain(text);
});
