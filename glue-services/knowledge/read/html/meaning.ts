import type { Element, ElementContent } from "hast";
import { formula } from "./math.ts";
import { boundSpans } from "./spans.ts";
import {
  attribute,
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

const raised: Record<string, string> = {
  ...Object.fromEntries([..."0123456789"].map((digit, at) => [digit, "⁰¹²³⁴⁵⁶⁷⁸⁹"[at] as string])),
  "-": "⁻",
  "+": "⁺",
  "−": "⁻",
};

/** Says in text what a page says by its layout: formulas, ruby, raised numbers, cells, links beside each other. */
export function keepMeaning(body: Parent): void {
  rewrite(body, (node, parents) => {
    if (named(node, "math")) return [text(` ${formula(node)} `)];
    if (named(node, "ruby")) return [text(ruby(node))];
    if (named(node, "sup")) return [text(raise(node))];
    if (named(node, "bdi", "bdo", "wbr", "font", "center", "marquee", "noframes", "noembed")) return node.children;
    if (named(node, "summary")) return [element("p", [element("strong", node.children)])];
    if (named(node, "figcaption", "caption", "legend")) return [element("p", node.children)];
    if (named(node, "table")) return table(node, parents);
    return undefined;
  });
  part(body);
}

function ruby(node: Element): string {
  return node.children
    .map((one) => (isElement(one, "rp") ? "" : isElement(one, "rt") ? `(${lineOf(one)})` : textOf(one).trim()))
    .join("");
}

/** 10⁹, m²; a raised word or the number of a footnote stays as it is. */
function raise(node: Element): string {
  const said = lineOf(node);
  if (find(node, "a") && /^[\w*†‡]{1,4}$/.test(said)) return `[${said}]`;
  return /^[-+−]?\d{1,4}$/.test(said) ? [...said].map((sign) => raised[sign] ?? sign).join("") : said;
}

/** Links and labels that only layout keeps apart. */
function part(parent: Parent): void {
  const children = parent.children as ElementContent[];
  (parent as Element).children = children.flatMap((one, at) => {
    if (isElement(one)) part(one);
    const before = children[at - 1];
    return isElement(one, "a", "label", "button") && isElement(before, "a", "label", "button")
      ? [text(" "), one]
      : [one];
  });
}

/** A table of data keeps one line a cell; one that only lays out is as if it were not there. */
function table(node: Element, parents: readonly Element[]): ElementContent[] | undefined {
  const cells = [...elements(node)].filter((one) => one.tagName === "td" || one.tagName === "th");
  const lays = ["presentation", "none"].includes(attribute(node, "role") ?? "");
  const holds = [...elements(node)].some(
    (one) => /^(?:table|h[1-6]|main|article|section)$/.test(one.tagName) || one.properties.dataTable,
  );
  if (cells.length === 1 || lays || holds) {
    return [
      element("div", [...captions(node), ...cells.map((cell) => element("div", cell.children))], { dataTable: true }),
    ];
  }
  boundSpans(node, cells);
  for (const cell of cells) cell.children = cellLine(cell);
  if (parents.some(({ tagName }) => tagName === "td" || tagName === "th")) return undefined;
  // Markdown has no table without a head: its first row is.
  const first = [...elements(node)].find((one) => one.tagName === "tr");
  for (const cell of first?.children ?? []) if (isElement(cell, "td")) cell.tagName = "th";
  return [...captions(node), node];
}

function captions(node: Element): ElementContent[] {
  const found: ElementContent[] = [];
  node.children = node.children.filter((one) => {
    if (!isElement(one, "p")) return true;
    found.push(one);
    return false;
  });
  return found;
}

const apart = new Set("p div li ul ol dt dd br pre blockquote".split(" "));

/** What a cell holds as phrases: a row is one line. */
function cellLine(cell: Element): ElementContent[] {
  return cell.children.flatMap((one): ElementContent[] => {
    if (!isElement(one)) return one.type === "text" ? [text(one.value.replace(/\s+/g, " "))] : [one];
    if (one.tagName === "br") return [text(" ")];
    if (one.tagName === "pre") return [text(" "), element("code", [text(lineOf(one))]), text(" ")];
    if (!apart.has(one.tagName))
      return [one.tagName === "code" ? element("code", [text(lineOf(one))]) : { ...one, children: cellLine(one) }];
    return [text(" "), ...cellLine(one), text(" ")];
  });
}
