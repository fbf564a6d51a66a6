import type { Element, Root } from "hast";
import { fromHtml } from "hast-util-from-html";
import { removeAround } from "./html/around.ts";
import { straightenCode } from "./html/code.ts";
import { toText } from "./html/markdown.ts";
import { keepMeaning } from "./html/meaning.ts";
import { attribute, elements, find, isElement, lineOf } from "./html/tree.ts";
import { fromXml } from "./html/xml.ts";
import { languageOf } from "./language.ts";
import type { ReadText } from "./text.ts";

/** A page as Markdown, without what surrounds its text. */
export function readHtml(html: string, address: string): ReadText {
  const tree = isXhtml(html) ? fromXml(html) : withoutPlaces(fromHtml(html));
  const head = headOf(tree, address);
  const links = linksOf(tree, head.base);
  const body = find(tree, "body", "frameset") ?? find(tree, "html") ?? tree;
  const content = contentOf(body.children as Element["children"]);
  return {
    title: head.title || address,
    content,
    form: "markdown",
    language: languageOf(content, head.language),
    links: head.nofollow ? [] : links,
    ...(head.canonical && { canonical: head.canonical }),
    ...(head.refresh && { refresh: head.refresh }),
    noindex: head.noindex,
    nofollow: head.nofollow,
  };
}

/** HTML to Markdown with fences and tables. */
export function markdown(html: string): string {
  const tree = withoutPlaces(fromHtml(html, { fragment: true }));
  return contentOf(tree.children as Element["children"]);
}

/** Where each node stood takes half of a tree's memory, and nothing asks for it. */
function withoutPlaces(root: Root): Root {
  const left: (Root | Element | Element["children"][number])[] = [root];
  for (let node = left.pop(); node; node = left.pop()) {
    delete node.position;
    if ("children" in node) for (const child of node.children) left.push(child as Element);
  }
  return root;
}

function contentOf(children: Element["children"]): string {
  const root: Root = { type: "root", children };
  removeAround(root);
  straightenCode(root);
  keepMeaning(root);
  return toText(root);
}

interface Head {
  title: string;
  base: string;
  language: string | undefined;
  canonical: string | undefined;
  refresh: string | undefined;
  noindex: boolean;
  nofollow: boolean;
}

function headOf(tree: Root, address: string): Head {
  const all = [...elements(tree)];
  const metas = all.filter((one) => one.tagName === "meta");
  const robots = metas
    .filter((one) => /^(?:robots|devflow)$/i.test(attribute(one, "name") ?? ""))
    .map((one) => (attribute(one, "content") ?? "").toLowerCase())
    .join(",");
  const base = absolute(hrefOf(all.find((one) => one.tagName === "base")), address) ?? address;
  const canonical = all.find((one) => one.tagName === "link" && /\bcanonical\b/i.test(attribute(one, "rel") ?? ""));
  const refresh = metas.find((one) => /^refresh$/i.test(attribute(one, "httpEquiv") ?? ""));
  const title = all.find((one) => one.tagName === "title") ?? undefined;
  const heading = all.find((one) => one.tagName === "h1");
  const html = all.find((one) => one.tagName === "html");
  return {
    title: (title && lineOf(title)) || (heading ? lineOf(heading).replace(/\s*[#¶]$/, "") : ""),
    base,
    language: html && (attribute(html, "lang") ?? attribute(html, "xmlLang")),
    canonical: absolute(hrefOf(canonical), base),
    refresh: refresh && absolute(refreshTarget(attribute(refresh, "content") ?? ""), base),
    noindex: /noindex|none/.test(robots),
    nofollow: /nofollow|none/.test(robots),
  };
}

/** `0; url=/there`, in the spellings that browsers take. A page that shows itself for a while is a page. */
function refreshTarget(content: string): string | undefined {
  const [, seconds = "", rest = ""] = /^\s*(\d*)(?:\.\d*)?\s*[;,\s]\s*(?:url\s*=\s*)?(.+)$/i.exec(content) ?? [];
  const target = rest.trim().replace(/^(["'])(.*?)\1.*$/, "$2");
  return target !== "" && Number(seconds) <= 30 ? target : undefined;
}

function hrefOf(node: Element | undefined): string | undefined {
  return node && attribute(node, "href");
}

function linksOf(tree: Root, base: string): string[] {
  const found = new Set<string>();
  for (const one of elements(tree)) {
    if (found.size >= 5000) break;
    if (/\bnofollow\b/.test(attribute(one, "rel") ?? "")) continue;
    const to = isElement(one, "a", "area")
      ? attribute(one, "href")
      : isElement(one, "frame", "iframe")
        ? attribute(one, "src")
        : undefined;
    const address = absolute(to, base);
    if (address) found.add(address);
  }
  return [...found];
}

function absolute(href: string | undefined, base: string): string | undefined {
  if (!href?.trim() || !URL.canParse(href, base)) return undefined;
  const url = new URL(href, base);
  return url.protocol === "http:" || url.protocol === "https:" ? url.href : undefined;
}

/** Written as XML, where `<div/>` is a whole element and names may have a prefix. */
function isXhtml(html: string): boolean {
  const start = html.slice(0, 2000);
  return /^\s*<\?xml\b/.test(start) || /<[\w]+:html\b/.test(start);
}
