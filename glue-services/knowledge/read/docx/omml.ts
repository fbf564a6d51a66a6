import { Parser } from "htmlparser2";
import { held } from "../html/math.ts";

/** Office's markup of formulas (ECMA-376, part 1, 22.1), in its usual and its strict form. */
const namespaces = new Set([
  "http://schemas.openxmlformats.org/officeDocument/2006/math",
  "http://purl.oclc.org/ooxml/officeDocument/math",
]);
const word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";

/** Elements within each other; what a word processor writes has some dozens. */
const deepest = 1000;

interface Node {
  name: string;
  attributes: Record<string, string>;
  children: Node[];
  text: string;
}

interface Formula {
  from: number;
  to: number;
  text: string;
  /** Between paragraphs, where a run needs one of its own. */
  alone: boolean;
}

/** A part of a Word document with its formulas as runs of text on one line, such as `x=(-b±√(b^2-4ac))/2a`. */
export function withLinearFormulas(xml: string): string {
  let made = "";
  let at = 0;
  for (const { from, to, text, alone } of formulasOf(xml)) {
    const run = `<w:r xmlns:w="${word}"><w:t xml:space="preserve">${escaped(text)}</w:t></w:r>`;
    made += xml.slice(at, from) + (alone ? `<w:p xmlns:w="${word}">${run}</w:p>` : run);
    at = to;
  }
  return made + xml.slice(at);
}

function formulasOf(xml: string): Formula[] {
  const found: Formula[] = [];
  const prefixes = new Set<string>();
  const open: Node[] = [];
  let [from, paragraphs, depth] = [0, 0, 0];
  const parser = new Parser(
    {
      onopentag(qualified, attributes) {
        if (++depth > deepest) throw new RangeError("The markup is nested too deeply.");
        for (const [key, value] of Object.entries(attributes)) {
          if (namespaces.has(value)) prefixes.add(key === "xmlns" ? "" : key.slice("xmlns:".length));
        }
        const [prefix, name] = partsOf(qualified);
        const starts = prefixes.has(prefix) && (name === "oMath" || name === "oMathPara");
        if (open.length === 0 && !starts) {
          if (name === "p") paragraphs++;
          return;
        }
        if (open.length === 0) from = parser.startIndex;
        const node = { name, attributes, children: [], text: "" };
        open.at(-1)?.children.push(node);
        open.push(node);
      },
      ontext(text) {
        const node = open.at(-1);
        if (node?.name === "t") node.text += text;
      },
      onclosetag(qualified) {
        depth--;
        const node = open.pop();
        if (!node) {
          if (partsOf(qualified)[1] === "p") paragraphs--;
        } else if (open.length === 0) {
          found.push({ from, to: parser.endIndex + 1, text: linear(node).trim(), alone: paragraphs === 0 });
        }
      },
    },
    { xmlMode: true, decodeEntities: true },
  );
  parser.end(xml);
  return found;
}

function partsOf(qualified: string): [prefix: string, name: string] {
  const colon = qualified.indexOf(":");
  return colon < 0 ? ["", qualified] : [qualified.slice(0, colon), qualified.slice(colon + 1)];
}

type Linear = (node: Node) => string;

/** By the element's name; whatever is not here is what it holds. */
const forms: Record<string, Linear> = {
  t: ({ text }) => text,
  oMathPara: (node) => node.children.map(linear).filter(Boolean).join("; "),
  // What was struck out of the text by a tracked change.
  del: () => "",
  f: (node) => {
    const [top, bottom] = [held(part(node, "num")), held(part(node, "den"))];
    return property(node, "type") === "noBar" ? `(${top} over ${bottom})` : `${top}/${bottom}`;
  },
  sSup: (node) => `${held(part(node, "e"))}^${held(part(node, "sup"))}`,
  sSub: (node) => `${held(part(node, "e"))}_${held(part(node, "sub"))}`,
  sSubSup: (node) => `${held(part(node, "e"))}${bounds(node)}`,
  sPre: (node) => `${bounds(node)} ${held(part(node, "e"))}`,
  rad: (node) => {
    const degree = property(node, "degHide") === undefined || isOff(property(node, "degHide")) ? part(node, "deg") : "";
    return `√${degree ? `[${degree}]` : ""}(${part(node, "e")})`;
  },
  nary: (node) => `${property(node, "chr") ?? "∫"}${bounds(node)} ${part(node, "e")}`,
  d: (node) => {
    const inner = node.children.filter(({ name }) => name === "e");
    const [only] = inner.length === 1 ? (inner[0]?.children ?? []) : [];
    // A matrix in brackets has those, and none of its own.
    const matrix = only?.name === "m" && inner[0]?.children.length === 1;
    const text = matrix ? rows(only) : inner.map(linear).join(property(node, "sepChr") ?? "|");
    return `${property(node, "begChr") ?? "("}${text}${property(node, "endChr") ?? ")"}`;
  },
  m: (node) => `[${rows(node)}]`,
  eqArr: (node) =>
    node.children
      .filter(({ name }) => name === "e")
      // The sign at which lines are set below each other.
      .map((one) => linear(one).replaceAll("&", "").trim())
      .join("; "),
  func: (node) => {
    const argument = part(node, "e");
    return `${part(node, "fName")}${argument.startsWith("(") ? "" : " "}${argument}`;
  },
  limLow: (node) => `${held(part(node, "e"))}_${held(part(node, "lim"))}`,
  limUpp: (node) => `${held(part(node, "e"))}^${held(part(node, "lim"))}`,
  acc: (node) => accented(part(node, "e"), property(node, "chr") ?? "\u0302"),
  bar: (node) => accented(part(node, "e"), property(node, "pos") === "bot" ? "\u0332" : "\u0305"),
  groupChr: (node) => `${property(node, "chr") ?? "⏟"}(${part(node, "e")})`,
  phant: (node) => (isOff(property(node, "show")) ? "" : part(node, "e")),
};

function linear(node: Node): string {
  const form = Object.hasOwn(forms, node.name) ? forms[node.name] : undefined;
  if (form) return form(node);
  return /Pr$/.test(node.name) ? "" : node.children.map(linear).join("");
}

function part(node: Node, name: string): string {
  const one = node.children.find((child) => child.name === name);
  return one ? linear(one).trim() : "";
}

function bounds(node: Node): string {
  const [low, high] = [part(node, "sub"), part(node, "sup")];
  return `${low && `_${held(low)}`}${high && `^${held(high)}`}`;
}

function rows(matrix: Node): string {
  return matrix.children
    .filter(({ name }) => name === "mr")
    .map((row) => row.children.map((cell) => linear(cell).trim()).join(", "))
    .join("; ");
}

/** A sign takes its mark on itself; of several it stands after them. */
function accented(base: string, mark: string): string {
  return [...base].length === 1 ? (base + mark).normalize("NFC") : `${held(base)}${mark}`;
}

/** A property such as `<m:fPr><m:type m:val="noBar"/></m:fPr>`; there without a value it is on. */
function property(node: Node, name: string): string | undefined {
  for (const { name: of, children } of node.children) {
    const found = of === `${node.name}Pr` ? children.find((one) => one.name === name) : undefined;
    if (!found) continue;
    const value = Object.entries(found.attributes).find(([key]) => partsOf(key)[1] === "val")?.[1];
    return value ?? "on";
  }
  return undefined;
}

function isOff(value: string | undefined): boolean {
  return value === "0" || value === "false" || value === "off";
}

function escaped(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}
