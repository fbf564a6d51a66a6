import { load } from "cheerio";
import TurndownService from "turndown";
import { languageOf } from "./language.ts";
import type { ReadText } from "./text.ts";

/** What is on a page but not of it. */
const around = `script, style, noscript, template, svg, iframe, object, embed, form, button, dialog, nav, footer, aside,
  [role=navigation], [role=banner], [role=contentinfo], [role=search], [role=complementary], [aria-hidden=true], [hidden],
  .sidebar, .navbar, .breadcrumb, .breadcrumbs, .cookie-banner, .skip-link, .headerlink, .hash-link, .anchor-link, .copy-button`;

/** Where pages keep what they are about, the surest first. */
const places = ["main article", "article", "main", "[role=main]", "#content", ".content", ".markdown-body", "#main"];

/** A page as Markdown, without what surrounds its text. */
export function readHtml(html: string, address: string): ReadText {
  const $ = load(html);
  const robots = $("meta[name=robots], meta[name=devflow]").attr("content")?.toLowerCase() ?? "";
  const links = linksOf($, address);
  const declared = $("html").attr("lang");
  const title = clean($("title").first().text()) || clean($("h1").first().text()) || address;
  const canonical = absolute($("link[rel=canonical]").attr("href"), address);
  $(around).remove();
  const whole = $("body");
  const length = clean(whole.text()).length;
  // A landmark that holds next to nothing is a card or a teaser, not the page.
  const place = places.find((one) => clean($(one).text()).length > Math.max(80, length * 0.3));
  const markup = place
    ? $(place)
        .toArray()
        .filter((one) => $(one).parents(place).length === 0)
    : whole.toArray();
  const content = markdown(markup.map((one) => $.html(one)).join("\n"));
  return {
    title,
    content,
    form: "markdown",
    language: languageOf(content, declared),
    links: robots.includes("nofollow") ? [] : links,
    ...(canonical && { canonical }),
    noindex: /noindex|none/.test(robots),
    nofollow: robots.includes("nofollow"),
  };
}

/** HTML to Markdown with fences and tables. */
export function markdown(html: string): string {
  return turndown
    .turndown(html)
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

const turndown = new TurndownService({
  headingStyle: "atx",
  codeBlockStyle: "fenced",
  bulletListMarker: "-",
  emDelimiter: "*",
});

turndown.addRule("pictures", {
  filter: "img",
  replacement: (_content, node) => (node as unknown as Element).getAttribute("alt") ?? "",
});
turndown.addRule("links", {
  filter: (node) => node.nodeName === "A",
  // Where a link leads is kept with the page's links; in the text it would only be noise to whoever searches.
  replacement: (content) => content,
});
turndown.addRule("code blocks", {
  filter: (node) => node.nodeName === "PRE",
  replacement(_content, node) {
    const element = node as unknown as Element;
    const inner = element.querySelector("code");
    const classes = `${element.getAttribute("class") ?? ""} ${inner?.getAttribute("class") ?? ""}`;
    const language = /(?:language-|lang-|highlight-source-)([\w+#-]+)/.exec(classes)?.[1] ?? "";
    const text = (element.textContent ?? "").replace(/^\n+|\s+$/g, "");
    const fence = "`".repeat(Math.max(3, ...(text.match(/`{3,}/g) ?? []).map((run) => run.length + 1)));
    return `\n\n${fence}${language}\n${text}\n${fence}\n\n`;
  },
});
turndown.addRule("tables", {
  filter: "table",
  replacement(_content, node) {
    // A DOM library's lists may have no iterator: they are never spread.
    const rows = Array.from((node as unknown as Element).querySelectorAll("tr"), (row) =>
      Array.from(row.querySelectorAll("th, td")).map((cell) => clean(cell.textContent ?? "").replaceAll("|", "\\|")),
    );
    const [head, ...body] = rows.filter((row) => row.length > 0);
    if (!head) return "";
    const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
    return `\n\n${[line(head), line(head.map(() => "---")), ...body.map(line)].join("\n")}\n\n`;
  },
});

function linksOf($: ReturnType<typeof load>, address: string): string[] {
  const base = absolute($("base").attr("href"), address) ?? address;
  const found = $("a[href]")
    .toArray()
    .filter((one) => !/\bnofollow\b/.test($(one).attr("rel") ?? ""))
    .slice(0, 5000)
    .flatMap((one) => absolute($(one).attr("href"), base) ?? []);
  return [...new Set(found)];
}

function absolute(href: string | undefined, base: string): string | undefined {
  if (!href || !URL.canParse(href, base)) return undefined;
  const url = new URL(href, base);
  return url.protocol === "http:" || url.protocol === "https:" ? url.href : undefined;
}

function clean(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
