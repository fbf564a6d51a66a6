import { expect, test } from "vitest";
import { readBytes } from "../../../../glue-services/knowledge/read/read.ts";
import { wordDocument } from "../made-files.ts";

const read = (body: string) => readBytes({ bytes: wordDocument(body), name: "a.docx", media: "" });
const paragraph = (...runs: string[]) => `<w:p>${runs.join("")}</w:p>`;
const run = (text: string) => `<w:r><w:t xml:space="preserve">${text}</w:t></w:r>`;
/** Elements of the markup of formulas, by Word's names. */
const m = (name: string, ...children: string[]) => `<m:${name}>${children.join("")}</m:${name}>`;
const t = (text: string) => `<m:r><m:rPr><m:sty m:val="p"/></m:rPr><m:t>${text}</m:t></m:r>`;
const e = (...children: string[]) => m("e", ...children);
const property = (name: string, key: string, value: string) => m(`${name}Pr`, `<m:${key} m:val="${value}"/>`);

test("a table of a Word document becomes rows, with what stands around it", async () => {
  const cell = (text: string) => `<w:tc>${paragraph(run(text))}</w:tc>`;
  const row = (...cells: string[]) => `<w:tr>${cells.map(cell).join("")}</w:tr>`;
  const table = `<w:tbl>${row("Key", "Days")}${row("refund", "30")}${row("a | b", "")}</w:tbl>`;
  const { content, notes } = await read(paragraph(run("Before.")) + table + paragraph(run("After.")));
  expect(content.replace(/ +/g, " ").replace(/-+/g, "-")).toBe(
    "Before.\n\n| Key | Days |\n| - | - |\n| refund | 30 |\n| a \\| b | |\n\nAfter.",
  );
  expect(notes ?? []).toEqual([]);
});

test("formulas of a Word document are read in their place as text on one line", async () => {
  const square = m("sSup", e(t("b")), m("sup", t("2")));
  for (const [formula, text] of [
    [t("E=m") + m("sSup", e(t("c")), m("sup", t("2"))), "E=mc^2"],
    [
      t("x=") + m("f", m("num", t("-b±"), m("rad", m("deg"), e(square, t("-4ac")))), m("den", t("2a"))),
      "x=(-b±√(b^2-4ac))/2a",
    ],
    [m("rad", m("deg", t("3")), e(t("x"))), "√[3](x)"],
    [m("rad", property("rad", "degHide", "1"), m("deg", t("3")), e(t("x"))), "√(x)"],
    [m("sSubSup", e(t("x")), m("sub", t("i")), m("sup", t("n+1"))), "x_i^(n+1)"],
    [m("sPre", m("sub", t("6")), m("sup", t("14")), e(t("C"))), "_6^14 C"],
    [
      m(
        "nary",
        property("nary", "chr", "∑"),
        m("sub", t("i=1")),
        m("sup", t("n")),
        e(m("sSub", e(t("x")), m("sub", t("i")))),
      ),
      "∑_(i=1)^n x_i",
    ],
    [m("nary", m("sub", t("0")), m("sup", t("∞")), e(t("f(x)dx"))), "∫_0^∞ f(x)dx"],
    [m("d", e(m("m", m("mr", e(t("a")), e(t("b"))), m("mr", e(t("c")), e(t("d")))))), "(a, b; c, d)"],
    [m("m", m("mr", e(t("1")), e(t("0")))), "[1, 0]"],
    [
      m(
        "d",
        m("dPr", '<m:begChr m:val="{"/>', '<m:endChr m:val=""/>'),
        e(m("eqArr", e(t("x&amp;=1")), e(t("y&amp;=2")))),
      ),
      "{x=1; y=2",
    ],
    [m("func", m("fName", m("limLow", e(t("lim")), m("lim", t("x→0")))), e(t("f"))), "lim_(x→0) f"],
    [m("func", m("fName", t("sin")), e(m("d", e(t("x"))))), "sin(x)"],
    [m("f", property("f", "type", "noBar"), m("num", t("n")), m("den", t("k"))), "(n over k)"],
    [m("acc", e(t("x"))), "x\u0302"],
    [t("a&lt;b&amp;c"), "a&lt;b&amp;c"],
  ] as const) {
    const told = await read(paragraph(run("Let "), m("oMath", formula), run(" hold.")));
    const plain = told.content.replace(/\\(?=[^\w\s])/g, "");
    const expected = `Let ${text} hold.`.replace("&lt;", "<").replace("&amp;", "&");
    expect([plain, told.notes ?? []]).toEqual([expected, []]);
  }
});

test("formulas on lines of their own, in tables, under another prefix and struck out by a change are read as they count", async () => {
  const math = "http://schemas.openxmlformats.org/officeDocument/2006/math";
  const other = `<q:oMath xmlns:q="${math}"><q:r><q:t>q=1</q:t></q:r></q:oMath>`;
  const shown = m("oMathPara", m("oMath", t("a=1")), m("oMath", t("b=2")));
  const { content, notes } = await read(
    [
      paragraph(shown),
      shown,
      `<w:tbl><w:tr><w:tc>${paragraph(run("c"))}</w:tc><w:tc>${paragraph(m("oMath", t("c=3")))}</w:tc></w:tr></w:tbl>`,
      paragraph(other),
      paragraph(m("oMath", t("d="), `<w:del>${t("7")}</w:del>`, `<w:ins>${t("4")}</w:ins>`)),
    ].join(""),
  );
  expect(content.split("\n").filter((line) => !/^[|\s-]*$/.test(line))).toEqual([
    "a=1; b=2",
    "a=1; b=2",
    expect.stringMatching(/^\| c +\| c=3 +\|$/),
    "q=1",
    "d=4",
  ]);
  expect(notes ?? []).toEqual([]);
});

test("formulas that never end or nest too deeply fail the document by name", async () => {
  const deep = "<m:e>".repeat(60_000);
  await expect(read(paragraph(`<m:oMath>${deep}${"</m:e>".repeat(60_000)}</m:oMath>`))).rejects.toThrow(/a\.docx/);
  await expect(read("<w:p><m:oMath><m:r><m:t>x")).rejects.toThrow("a.docx is no Word document");
});

test("formulas of an old equation editor and other embedded objects are named as not read", async () => {
  const object = (made: string) =>
    `<w:r><w:object><o:OLEObject xmlns:o="urn:schemas-microsoft-com:office:office" Type="Embed" ProgID="${made}"/></w:object></w:r>`;
  const body = `<w:p><w:r><w:t>The area is </w:t></w:r>${object("Equation.3")}${object("Equation.DSMT4")}${object("Excel.Sheet.12")}</w:p>`;
  const { content, notes } = await read(body);
  expect(content).toBe("The area is");
  expect(notes).toEqual([
    "2 formulas of an old equation editor were not read: convert them in Word (Office Math) and save it again.",
    "Embedded objects were not read: Excel.Sheet.12.",
  ]);
});
