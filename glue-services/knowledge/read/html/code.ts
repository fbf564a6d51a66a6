import type { Element, ElementContent, Nodes } from "hast";
import {
  attribute,
  classes,
  element,
  elements,
  find,
  isElement,
  lineOf,
  named,
  type Parent,
  rewrite,
  text,
  textOf,
} from "./tree.ts";

/** How highlighters name the numbers that they put beside lines. */
const numbers =
  /(?:^|-|_)(?:linenos?|line-?numbers?(?:-rows)?|lineno|hljs-ln-n(?:umbers)?|blob-num|gutter|rouge-gutter|LN)$/i;
const highlighted = /(?:high-?light|rouge|hljs|blob|code|linenos|crayon|syntax)/i;

/** Makes every example of code a `pre` of lines: no line numbers, no table around it, with its language. */
export function straightenCode(body: Parent): void {
  rewrite(body, (node, parents) => {
    if (named(node, "table")) return numberedTable(node, parents);
    if (named(node, "pre")) return [block(codeText(node), languageOf(node, parents))];
    // Lines of code without a `pre`, alone in their paragraph.
    const [only] = node.children;
    if (named(node, "p", "div") && node.children.length === 1 && isElement(only, "code") && find(only, "br")) {
      return [block(codeText(only), languageOf(only, [...parents, node]))];
    }
    return undefined;
  });
  dropNumberColumns(body);
}

/** `div > pre.numbers + pre.code`: two blocks beside each other, the first of which only counts the lines of the second. */
function dropNumberColumns(body: Parent): void {
  const pres = [...elements(body)].filter((one) => one.tagName === "pre");
  const gone = new Set<Element>();
  for (const [at, one] of pres.entries()) {
    const next = pres[at + 1];
    if (!next) continue;
    const lines = textOf(one).trim().split("\n");
    if (
      lines.length ===
        textOf(next)
          .replace(/^\n+|\s+$/g, "")
          .split("\n").length &&
      lines.length > 1 &&
      counts(lines)
    )
      gone.add(one);
  }
  if (gone.size > 0) rewrite(body, (node) => (gone.has(node) ? [] : undefined));
}

/** A table that lays out numbers beside code, as code; undefined for a table of data. */
function numberedTable(table: Element, parents: readonly Element[]): ElementContent[] | undefined {
  const rows = [...elements(table)].filter((one) => one.tagName === "tr");
  const cells = rows.map((row) => row.children.filter((one): one is Element => isElement(one, "td", "th")));
  if (cells.length === 0 || cells.some((row) => row.length !== 2)) return undefined;
  const said = [table, ...parents.slice(-3), ...elements(table)].flatMap(classes);
  const named = said.some((name) => highlighted.test(name));
  const codes = cells.map(([, code]) => code as Element);
  if (!named && !codes.some((code) => find(code, "pre")) && !parents.some(({ tagName }) => tagName === "pre"))
    return undefined;
  const counted = cells.flatMap(([first]) => {
    const cell = first as Element;
    const written = codeText(cell).trim() || attribute(cell, "dataLineNumber") || "";
    return written === "" ? [] : written.split(/\s+/);
  });
  const empty =
    counted.length === 0 && cells.every(([first]) => classes(first as Element).some((name) => numbers.test(name)));
  if (!empty && !counts(counted)) return undefined;
  const language = codes
    .map((code) => languageOf(find(code, "pre", "code") ?? code, [...parents, table]))
    .find(Boolean);
  const lines = codes.map((code) => codeText(code).replace(/\n$/, ""));
  return [block(lines.join("\n"), language)];
}

function counts(lines: readonly string[]): boolean {
  return (
    lines.length > 0 && lines.every((line, at) => /^\d+$/.test(line.trim()) && Number(line) === Number(lines[0]) + at)
  );
}

function block(code: string, language: string | undefined): Element {
  const properties = language ? { className: [`language-${language}`] } : {};
  return element("pre", [element("code", [text(code)], properties)]);
}

/** The text of code with its lines as they are shown. */
function codeText(node: Nodes): string {
  return raw(node).replace(/^\n+|\s+$/g, "");
}

function raw(node: Nodes): string {
  if (node.type === "text") return node.value;
  if (!("children" in node)) return "";
  if (node.type === "element") {
    if (node.tagName === "br") return "\n";
    if (mark(node)) return "";
  }
  const inner = node.children.map(raw).join("");
  if (!isElement(node, "div", "li", "p", "tr") || inner === "") return inner;
  // Lines that only layout makes.
  return inner.endsWith("\n") ? inner : `${inner}\n`;
}

/** A number of a line, or a sign to copy it. */
function mark(node: Element): boolean {
  if (node.tagName === "button") return true;
  const said = lineOf(node);
  return (
    /^(?:\d+\s*)*$/.test(said) && said.length < 8000 && isNumbered(node) && !named(node, "pre", "code", "td", "table")
  );
}

function isNumbered(node: Element): boolean {
  return (
    classes(node).some((name) => numbers.test(name)) ||
    (node.properties.dataLineNumber !== undefined && lineOf(node) !== "")
  );
}

const notLanguages =
  /^(?:default|none|notranslate|text|plaintext|plain|nohighlight|highlight|hljs|sourceCode|source|code|table|wrapper|block)$/i;

function languageOf(node: Element, parents: readonly Element[]): string | undefined {
  const inner = find(node, "code");
  const near = [...(inner ? [inner] : []), node, ...parents.slice(-6).reverse()];
  for (const one of near) {
    const data = attribute(one, "dataLang") ?? attribute(one, "dataLanguage");
    if (data && /^[\w+#.-]{1,30}$/.test(data)) return data.toLowerCase();
    const names = classes(one);
    for (const [at, name] of names.entries()) {
      const found =
        /^(?:language-|lang-|highlight-source-|highlight-text-|highlight-|brush:?)([\w+#.-]{1,30})$/i.exec(name)?.[1] ??
        (/^(?:hljs|sourceCode|highlight|brush:)$/i.test(name) && isElement(one, "pre", "code", "figure", "div")
          ? names.slice(at + 1).find((next) => /^[a-z][\w+#]*$/i.test(next))
          : undefined);
      if (found && /^[\w+#.-]{1,30}$/.test(found) && !notLanguages.test(found)) return found.toLowerCase();
    }
  }
  return undefined;
}
