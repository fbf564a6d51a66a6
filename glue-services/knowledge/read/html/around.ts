import type { Element, ElementContent } from "hast";
import { attribute, classes, elements, isElement, lineOf, named, type Parent, rewrite, textOf } from "./tree.ts";

/** What has no text of its own for a reader. */
const mute = new Set(
  "script style template svg canvas video audio iframe frame embed input select option datalist progress meter link meta head".split(
    " ",
  ),
);
/** Names of what is around a page, as sites call them. */
const aroundName =
  /^(?:(?:side|nav|top|bottom|menu|tool)-?bars?|site-(?:header|footer|nav)|breadcrumbs?|menu|toc|table-of-contents|pagination|pager|skip-?link|share|social|newsletter|subscribe|related)$/i;
const consent =
  /(?:cookie|consent|gdpr|onetrust|cookiebot)[\w-]*(?:banner|bar|notice|popup|modal|dialog|overlay|consent)/i;
/** Marks beside headings and examples: signs to click, not text. */
const sign =
  /^(?:headerlink|header-anchor|hash-link|anchor-link|anchorjs-link|anchor|copy-?(?:button|btn|code)|clipboard.*)$/i;

/**
 * Takes away what is around a page's text: menus, banners, signs. A thing is judged by what it is and by what it holds,
 * never by its name alone: a form, an aside or a menu that holds the text is kept.
 */
export function removeAround(body: Parent): void {
  const whole = lineOf(body).length;
  const mains = mainsOf(body, whole);
  const inMain = new Set<Element>();
  const aroundMain = new Set<Element>();
  const walk = (parent: Parent, within: boolean): boolean => {
    let holds = false;
    for (const child of parent.children) {
      if (!isElement(child)) continue;
      const main = within || mains.has(child);
      if (main) inMain.add(child);
      const below = walk(child, main);
      if (below || mains.has(child)) aroundMain.add(child);
      holds ||= below || mains.has(child);
    }
    return holds;
  };
  walk(body, false);
  rewrite(body, (node, parents) => {
    const standing: Standing = { whole, main: inMain.has(node), apart: mains.size > 0 };
    if (mute.has(node.tagName)) return [];
    if (named(node, "noscript")) return lineOf(node).length > whole * 0.5 ? asBlock(node) : [];
    if (named(node, "form", "fieldset", "dialog") && !isAround(node, standing)) return asBlock(node);
    if (named(node, "button", "label")) return button(node, parents);
    if (isSign(node)) return [];
    if (aroundMain.has(node) && !inMain.has(node)) return undefined;
    return isAround(node, standing) ? [] : undefined;
  });
}

/** Where pages keep what they are about, the surest first; one that holds next to nothing is a teaser, not the page. */
function mainsOf(body: Parent, whole: number): Set<Element> {
  const places: ((one: Element) => boolean)[] = [
    (one) => one.tagName === "main" || attribute(one, "role") === "main",
    (one) => one.tagName === "article",
    (one) => attribute(one, "id") === "content" || attribute(one, "id") === "main",
    (one) => classes(one).some((name) => name === "markdown-body" || name === "content"),
  ];
  for (const place of places) {
    const found = new Set<Element>();
    collect(body, place, found);
    const length = [...found].reduce((sum, one) => sum + lineOf(one).length, 0);
    if (length > Math.max(40, whole * 0.3)) return found;
  }
  return new Set();
}

function collect(parent: Parent, place: (one: Element) => boolean, found: Set<Element>): void {
  for (const child of parent.children) {
    if (!isElement(child)) continue;
    if (place(child)) found.add(child);
    else collect(child, place, found);
  }
}

interface Standing {
  /** Characters of the whole page. */
  whole: number;
  /** It stands inside the page's main part. */
  main: boolean;
  /** The page has a main part. */
  apart: boolean;
}

function isAround(node: Element, { whole, main, apart }: Standing): boolean {
  const length = lineOf(node).length;
  if (length === 0) return false;
  // What holds a good part of the page is of the page.
  if (length > 400 && length > whole * 0.4) return false;
  const dense = linked(node) > length * 0.5;
  const role = attribute(node, "role") ?? "";
  const names = [...classes(node), attribute(node, "id") ?? ""];
  if (!main && names.some((name) => consent.test(name)) && length < 2000) return true;
  if (node.tagName === "dialog" || role === "dialog" || role === "alertdialog") return length < 200 || dense;
  if (isHidden(node)) return !isTab(node) && (dense || length < 60);
  if (attribute(node, "ariaHidden") === "true") return dense || length < 200;
  if (node.tagName === "nav" || role === "navigation" || role === "search") return dense || length < 40;
  if (node.tagName === "footer" || role === "contentinfo") return dense || (!main && length < 300);
  if (node.tagName === "header" || role === "banner") return dense || (!main && length < 200 && !hasHeading(node));
  if (node.tagName === "aside" || role === "complementary") return dense && (!main || length < 400);
  if (names.some((name) => aroundName.test(name))) return dense || (!main && length < 40);
  // Beside the main part: lists of links, and crumbs of text.
  if (apart && !main && isBlock(node)) return dense;
  return false;
}

const blocks = new Set("div section ul ol table p aside center".split(" "));
const isBlock = ({ tagName }: Element) => blocks.has(tagName);

/** Characters that are links. */
function linked(node: Element): number {
  let length = 0;
  for (const one of elements(node))
    if (one.tagName === "a" && one.properties.href !== undefined) length += lineOf(one).length;
  return node.tagName === "a" ? lineOf(node).length : length;
}

function hasHeading(node: Element): boolean {
  for (const one of elements(node)) if (/^h[1-6]$/.test(one.tagName)) return true;
  return false;
}

function isHidden(node: Element): boolean {
  return (
    (node.properties.hidden !== undefined && node.properties.hidden !== false) ||
    /display\s*:\s*none/i.test(attribute(node, "style") ?? "")
  );
}

/** One of several views of the same place: not shown now, and still of the page. */
function isTab(node: Element): boolean {
  return attribute(node, "role") === "tabpanel" || classes(node).some((name) => /(?:^|[-_])tab|panel|pane/i.test(name));
}

/** A button says what to do with the page, except where it opens a part of it. */
function button(node: Element, parents: readonly Element[]): ElementContent[] {
  const opens =
    attribute(node, "role") === "tab" ||
    attribute(node, "ariaControls") !== undefined ||
    attribute(node, "ariaExpanded") !== undefined ||
    parents.some(({ tagName }) => /^(?:h[1-6]|summary|dt|th|td)$/.test(tagName));
  const long = lineOf(node).length > 40;
  if (named(node, "label") || opens || long) return node.children;
  return [];
}

function isSign(node: Element): boolean {
  if (!named(node, "a", "button", "span", "div")) return false;
  const said = textOf(node).trim();
  if (!classes(node).some((name) => sign.test(name))) return named(node, "a") && /^[#¶§🔗]$/u.test(said);
  return said.length <= 2 || /^(?:copy|copied!?|permalink.*|direct link.*|link to this.*)$/i.test(said);
}

function asBlock(node: Element): ElementContent[] {
  return [{ ...node, tagName: "div", properties: {} }];
}
