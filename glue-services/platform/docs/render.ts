import { posix } from "node:path";
import MarkdownIt from "markdown-it";
import { Html } from "../../kit/html.ts";
import { headingId } from "./heading-id.ts";
import type { DocPage } from "./library.ts";

/** Markdown to HTML without scripts: raw HTML in a page is shown as text. Loaded when the first page is asked for. */
export function renderDoc(page: DocPage): Html {
  return new Html(markdown.render(page.source, { page, ids: new Set() } satisfies Rendering));
}

const markdown = new MarkdownIt({ html: false, linkify: false, typographer: false });
type Rule = NonNullable<typeof markdown.renderer.rules.text>;

/** What a rendering knows besides the Markdown: the page it is of, and the ids its headings have taken. */
interface Rendering {
  page: DocPage;
  ids: Set<string>;
}

/** Headings can be linked to; a page's own title needs no sign for that. */
const openHeading: Rule = (tokens, at, options, env, self) => {
  const id = unique(headingId(tokens[at + 1]?.content ?? ""), (env as unknown as Rendering).ids);
  tokens[at]?.attrSet("id", id);
  return self.renderToken(tokens, at, options);
};
const closeHeading: Rule = (tokens, at, options, _env, self) => {
  const open = tokens[at - 2];
  const title = markdown.utils.escapeHtml(tokens[at - 1]?.content ?? "");
  const sign =
    tokens[at]?.tag === "h1"
      ? ""
      : `<a class="anchor" href="#${open?.attrGet("id")}" aria-label="Link to ${title}">#</a>`;
  return sign + self.renderToken(tokens, at, options);
};

/** `../install.md#ports` in a file is `/docs/install#ports` here. */
const openLink: Rule = (tokens, at, options, env, self) => {
  const token = tokens[at];
  const target = String(token?.attrGet("href") ?? "");
  if (/^[a-z]+:/i.test(target)) token?.attrSet("rel", "noreferrer");
  else if (/\.md(#|$)/.test(target)) token?.attrSet("href", address(target, (env as unknown as Rendering).page));
  return self.renderToken(tokens, at, options);
};

markdown.renderer.rules.heading_open = openHeading;
markdown.renderer.rules.heading_close = closeHeading;
markdown.renderer.rules.link_open = openLink;
// A wide table scrolls by itself; it must be reachable by keyboard for that.
markdown.renderer.rules.table_open = () =>
  '<div class="scroll" tabindex="0" role="region" aria-label="Table"><table>\n';
markdown.renderer.rules.table_close = () => "</table></div>\n";
const fence = markdown.renderer.rules.fence;
markdown.renderer.rules.fence = (...args) => fence?.(...args).replace("<pre>", '<pre tabindex="0">') ?? "";

function address(target: string, page: DocPage): string {
  const [file = "", anchor] = target.split("#", 2);
  const path = posix
    .join("/", page.section, file)
    .replace(/\.md$/, "")
    .replace(/\/(index|README)$/, "/");
  return `/docs${path}${anchor ? `#${anchor}` : ""}`;
}

function unique(id: string, taken: Set<string>): string {
  let free = id;
  for (let count = 1; taken.has(free); count++) free = `${id}-${count}`;
  taken.add(free);
  return free;
}
