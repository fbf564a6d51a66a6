import { type Html, html } from "../../kit/html.ts";
import type { DocPage } from "../docs/library.ts";
import type { Found } from "../docs/search.ts";

/** One page of the documentation beside the list of all pages. */
export function docsPage(pages: readonly DocPage[], current: DocPage, text: Html): Html {
  return frame(pages, current.path, "", html`${text}`);
}

export function searchPage(pages: readonly DocPage[], query: string, found: readonly Found[]): Html {
  const results = found.map(
    ({ page, excerpt }) => html`<div class="result"><a href="${address(page)}">${page.title}</a>
<p>${excerpt.map((part) => (part.match ? html`<mark>${part.text}</mark>` : part.text))}</p></div>`,
  );
  const none = html`<p>No page contains all of these words. Try fewer of them.</p>`;
  const count = found.length === 1 ? "1 page" : `${found.length} pages`;
  const title = query === "" ? "Search the docs" : `${count} with “${query}”`;
  return frame(pages, undefined, query, html`<h1>${title}</h1>${query !== "" && found.length === 0 ? none : results}`);
}

/** What stands where the documentation has no such page, or none at all. */
export function missingPage(pages: readonly DocPage[]): Html {
  const text =
    pages.length === 0
      ? html`<h1>There is no documentation here</h1><p>The folder that this host has for it holds no Markdown files.</p>`
      : html`<h1>There is no such page</h1><p>It may have moved: search for it, or begin at <a href="/docs/">the first page</a>.</p>`;
  return frame(pages, undefined, "", text);
}

function frame(pages: readonly DocPage[], current: string | undefined, query: string, text: Html): Html {
  return html`<div class="docs">
<aside class="side">
<form class="search" action="/docs/search" role="search"><label class="hidden" for="q">Search the docs</label>
<input id="q" name="q" type="search" placeholder="Search" value="${query}"><button>Search</button></form>
<details><summary>All pages</summary>${navigation(pages, current)}</details>
</aside>
<main id="content" class="text">${text}</main>
</div>`;
}

function navigation(pages: readonly DocPage[], current: string | undefined): Html {
  const sections = [...Map.groupBy(pages, (page) => page.section)];
  return html`<nav aria-label="Documentation">${sections.map(
    ([section, group]) => html`${section !== "" && html`<h2>${heading(section)}</h2>`}
<ul>${group.map((page) => entry(page, page.path === current))}</ul>`,
  )}</nav>`;
}

function entry(page: DocPage, here: boolean): Html {
  return html`<li><a href="${address(page)}"${here && html` aria-current="page"`}>${page.title}</a></li>`;
}

function address(page: DocPage): string {
  return `/docs/${page.path}`;
}

function heading(section: string): string {
  if (section === "prds") return "Product specifications";
  return section
    .split("/")
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1).replaceAll("-", " "))
    .join(" / ");
}
